// The report's style sheet: follows the reader's light or dark setting, and prints on A4 or Letter.

export const reportStyle = `
:root{color-scheme:light dark;--ink:#1a1b1e;--dim:#6b7280;--line:#d9dce1;--paper:#fff;--before:#9aa5b1;--after:#1c7ed6}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--dim:#9aa0a6;--line:#3a3f45;--paper:#1a1b1e;--before:#6b7280;--after:#4dabf7}}
body{margin:0 auto;max-width:72rem;padding:2rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.7rem;margin:0}h2{font-size:1.25rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.2rem 0 .4rem}
header p,figcaption,.none{color:var(--dim)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.87rem}
th,td{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top}
thead th{font-weight:600;white-space:nowrap}tbody th{font-weight:500}
.figure{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.path{word-break:break-all}
figure{margin:1.2rem 0}svg{width:100%;max-width:52rem;height:auto;font-size:12px}
svg text{fill:var(--ink)}svg .value{fill:var(--dim)}.before{fill:var(--before)}.after{fill:var(--after)}
dt{font-weight:600}dd{margin:0 0 .5rem}
@media print{:root{color-scheme:light;--ink:#000;--dim:#444;--line:#bbb;--paper:#fff;--before:#9aa5b1;--after:#1c7ed6}
body{padding:0;max-width:none;font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
thead{display:table-header-group}tr,figure{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}}
`
