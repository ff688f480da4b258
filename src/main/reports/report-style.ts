// The report's style sheet: follows the reader's light or dark setting, and prints on A4 or Letter.
const lines = ['#0072b2', '#e69f00', '#009e73', '#b0518b', '#56a7d9', '#d55e00']

const lineRules = lines
  .map((color, index) => `.line-${index + 1}{stroke:${color}}.key-${index + 1}{background:${color}}`)
  .join('')

export const reportStyle = `
:root{color-scheme:light dark;--ink:#1a1b1e;--dim:#5b6472;--line:#d9dce1;--paper:#fff;--good:#0a7a58;--bad:#b3370a}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--dim:#a2a9b2;--line:#3a3f45;--paper:#1a1b1e;--good:#4ccaa0;--bad:#ff8a5c}}
body{margin:0 auto;max-width:72rem;padding:2rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.7rem;margin:0}h2{font-size:1.25rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.2rem 0 .4rem}
header p,figcaption,.none,.dim{color:var(--dim)}
.tiles{display:grid;grid-template-columns:repeat(3,1fr);gap:1rem;margin:1.5rem 0}
.tile{border:1px solid var(--line);border-radius:6px;padding:1rem}
.tile b{display:block;font-size:2rem;line-height:1.2}.tile span{color:var(--dim);font-size:.87rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.87rem}
th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
thead th{font-weight:600}tbody th{font-weight:500;overflow-wrap:anywhere;min-width:5.5em}
.figure{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}
.path{word-break:break-all}
figure{margin:1rem 0}svg{width:100%;max-width:52rem;height:auto;font-size:11px}
figcaption span{margin-left:.8em;white-space:nowrap}figcaption i{display:inline-block;width:.7em;height:.7em;margin-right:.3em}
svg text{fill:var(--ink)}svg .value{fill:var(--dim)}svg path{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
svg .grid{stroke:var(--line)}svg .mark{stroke:var(--dim);stroke-dasharray:3 3}
${lineRules}
dt{font-weight:600}dd{margin:0 0 .5rem}
@page{size:A4;margin:14mm 12mm 16mm}
@media print{:root{color-scheme:light;--ink:#000;--dim:#444;--line:#bbb;--paper:#fff;--good:#0a7a58;--bad:#b3370a}
body{padding:0;max-width:none;font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
table{font-size:8.5pt}thead{display:table-header-group}tr,figure,.tile,li,dd{break-inside:avoid}h2,h3,dt{break-after:avoid}
.wide{overflow:visible}section.host,section.next{break-before:page}.chart svg{max-height:48mm}}
`
