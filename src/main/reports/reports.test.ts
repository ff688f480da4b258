import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reportSchemaText } from '../../../scripts/house/report-schema.ts'
import {
  type Assessment,
  type Report,
  type ReportFormat,
  report as reportSchema,
  type ScrubResult,
} from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { csvOf, guard } from '../../shared/text/csv.ts'
import { chooseWindows, wonBy } from './collect-host.ts'
import { escapeHtml } from './html-parts.ts'
import { type PrintPdf, printWithChromium } from './print-pdf.ts'
import { noteSameMachines, renderReport } from './report-builder.ts'
import { renderCsv } from './report-csv.ts'
import { renderImages } from './report-host-tables.ts'
import { renderHtml } from './report-html.ts'
import { reportQuantities, sumOver } from './report-quantities.ts'

const evil = '<script>alert("x")</script>'

const report: Report = {
  schemaVersion: 2,
  title: 'Report & more',
  createdAt: Date.UTC(2026, 0, 2),
  version: '1.2.3',
  range: { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2) },
  quantities: [...reportQuantities],
  hosts: [
    {
      name: evil,
      address: '=cmd|calc',
      figures: [
        { key: 'assessed.mergedBytes', before: 0, after: 4096 },
        { key: 'availableBytes', after: 12_288 },
      ],
      wonBytes: 4096,
      marks: [{ at: Date.UTC(2026, 0, 1, 12), text: `scrub ${evil}` }],
      series: {
        at: [0, 6, 12, 18].map((hour) => Date.UTC(2026, 0, 1, hour)),
        metrics: { mergedBytes: [0, null, 4096, 8192] },
      },
      notes: ['a "quoted", note\nwith a break'],
    },
    {
      name: 'beta',
      address: '-2+3',
      figures: [{ key: 'hitRatio', before: 0.25, after: 0.5 }],
      wonBytes: 8192,
      marks: [],
      notes: [],
    },
  ],
}
const noPrinter: PrintPdf = () => Promise.reject(new Problem('not-supported', 'nothing prints'))
const render = (format: ReportFormat) => renderReport(report, format, noPrinter, new AbortController().signal)

describe('renderCsv', () => {
  const lines = renderCsv(report).split('\r\n')
  it('has a row for each quantity of each host, before and after side by side in base units', () => {
    expect(lines[0]).toMatch(/^host,address,quantity,title,unit,before,after,/)
    expect(lines).toContain("beta,'-2+3,hitRatio,Hit ratio of all guests,ratio,0.25,0.5,,,,")
  })
  it('keeps zero apart from not measured, quotes by RFC 4180 and disarms formulas', () => {
    const host = `"<script>alert(""x"")</script>",'=cmd|calc`
    expect(lines).toContain(`${host},assessed.mergedBytes,Merged by KSM,bytes,0,4096,,,,`)
    expect(lines).toContain(`${host},availableBytes,Available memory,bytes,,12288,,,,`)
    expect(renderCsv(report)).toContain(`${host},note,"a ""quoted"", note\nwith a break"`)
  })
})

describe('guard', () => {
  it.each([
    ['=1', "'=1"],
    ['  =1', "  '=1"],
    ['\u00a0=1', "\u00a0'=1"],
    ['\u200b=1', "'=1"],
    ['\u202e\ufeff+1', "'+1"],
    ['\u001b[1m@SUM(A1)', "'@SUM(A1)"],
    ['\uff1d1', "'\uff1d1"],
    ['\uff0b1', "'\uff0b1"],
    ['\uff0d1', "'\uff0d1"],
    ['\uff20x', "'\uff20x"],
    ['web;=1', "web;'=1"],
    ['web; =1', "web; '=1"],
    ['web;";=1', 'web;";\'=1'],
    ['web;"=1', 'web;"\'=1'],
    ['web\t=1', "web\t'=1"],
    ['web\r=1', "web\n'=1"],
    ['web\r\n-1', "web\n'-1"],
    ['web;\u200b=1', "web;'=1"],
    ['web|=1', "web|'=1"],
    ['\tweb', "'\tweb"],
    ['\rweb', "'\nweb"],
    ['web-1 = 2', 'web-1 = 2'],
    ['a; b', 'a; b'],
  ])('%j becomes %j', (text, cell) => {
    expect(guard(text)).toBe(cell)
  })

  it('leaves no cell that a spreadsheet would run, whatever it splits at', () => {
    const pieces = [
      '=',
      '+',
      '-',
      '@',
      '\uff1d',
      ';',
      '\t',
      '\r',
      '\n',
      '"',
      ' ',
      '\u200b',
      '\u00a0',
      'a',
      ',',
      '|',
    ]
    let seed = 7
    const next = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return Math.floor((seed / 2 ** 31) * below)
    }
    for (let round = 0; round < 10_000; round += 1) {
      const text = Array.from({ length: 1 + next(8) }, () => pieces[next(pieces.length)]).join('')
      const file = csvOf([['first', guard(text)]])
      for (const cell of file.split(/[;\t\r\n|]/)) {
        expect(cell.replace(/^["\s]+/u, ''), JSON.stringify(text)).not.toMatch(/^[=+\-@\uff1d]/u)
      }
    }
  })
})

describe('escapeHtml', () => {
  it('drops what turns the direction of text or shows nothing', () => {
    expect(escapeHtml('<b>\u202egnp.exe\u200b')).toBe('&lt;b&gt;gnp.exe')
  })
})

describe('renderHtml', () => {
  const html = renderHtml(report)

  it('escapes what comes from hosts, and runs and loads nothing', () => {
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;')
    expect(html).toContain('Report &amp; more')
    expect(html).toContain("default-src 'none'")
    expect(html).not.toMatch(/(src|href)=/)
  })

  it('says what was not measured, sums what adds up, and names the sources', () => {
    expect(html).toContain('<td class="figure">0 B</td>')
    expect(html).toContain('not measured')
    expect(html).toContain('<b>12 KiB</b><span>given back')
    expect(html).toContain('1 − bytes fetched from storage')
  })
  it('has before beside after for each quantity, and the change with its tone', () => {
    expect(html).toMatch(
      /Hit ratio of all guests<\/th><td class="figure">25 %<\/td><td class="figure">50 %<\/td><td class="figure good">\+25 points/,
    )
  })
  it('leaves a gap in a line where nothing was reported', () => {
    const path = /<path class="line-3" d="([^"]*)"/.exec(
      html.slice(html.indexOf('Given back and still')),
    )?.[1]
    expect(path).toMatch(/^M[\d. ]+h0M[\d. ]+L[\d. ]+$/)
  })
})

describe('chooseWindows', () => {
  const range = { from: 0, to: 1000 }
  it.each([
    [[], { from: 0, to: 100 }],
    [[{ at: 300, text: 'ksm/start' }], { from: 0, to: 300 }],
    [[{ at: 950, text: 'too late to have an after' }], { from: 0, to: 100 }],
  ])('before ends with the first change: %j', (marks, before) => {
    expect(chooseWindows(range, marks)).toMatchObject({ before, after: { from: 900, to: 1000 } })
  })
})

describe('wonBy', () => {
  const totals = { residentBeforeBytes: 100, residentAfterBytes: 10, evictedBytes: 90 }
  const scrub = { at: 5, dryRun: false, totals } as unknown as ScrubResult
  it.each([
    ['what was evicted and has not come back', { scrub, figures: [] }, 30, 70],
    ['nothing where all came back', { scrub, figures: [] }, 200, 0],
    ['no dry run', { scrub: { ...scrub, dryRun: true }, figures: [] }, 10, undefined],
    ['unmerging as a loss', { figures: [{ key: 'mergedBytes', before: 50, after: 20 }] }, undefined, -30],
    [
      'nothing of a cache that shrank by itself',
      { figures: [{ key: 'imageCacheBytes', before: 9, after: 1 }] },
      undefined,
      undefined,
    ],
  ] satisfies readonly [string, Parameters<typeof wonBy>[0], number | undefined, number | undefined][])(
    'counts %s',
    (_, measured, now, won) => {
      expect(wonBy(measured, now, [])).toBe(won)
    },
  )
})

describe('hosts of one machine', () => {
  const machine = (pidNamespace: string) => ({ bootId: 'boot', pidNamespace })
  const shared = { address: 'a', wonBytes: 100, cpuRatio: 0.5, figures: [], marks: [], notes: [] }
  const hosts = [
    { ...shared, name: 'local', machine: machine('pid:[1]') },
    { ...shared, name: 'by ssh', machine: machine('pid:[1]') },
    { ...shared, name: 'container', machine: machine('pid:[2]') },
    { ...shared, name: 'other', machine: { bootId: 'another boot' } },
  ]
  it('count guests once for all who see them, and ksmd once for the kernel', () => {
    expect(sumOver(hosts, 'guests', ({ wonBytes }) => wonBytes)).toBe(300)
    expect(sumOver(hosts, 'kernel', ({ cpuRatio }) => cpuRatio)).toBe(1)
  })
  it('are named in the notes', () => {
    const notes = noteSameMachines(hosts).map((host) => host.notes.join())
    expect(notes).toEqual(['', expect.stringMatching(/^Same machine as local/), notes[1], ''])
  })
})

describe('renderReport', () => {
  it('names the file after the day and format, and JSON is the report itself', async () => {
    const { fileName, content } = await render('json')
    expect(fileName).toBe('singleton-report-2026-01-02.json')
    expect(reportSchema.parse(JSON.parse(content))).toEqual(report)
  })
  it('says so where nothing prints', async () => {
    await expect(render('pdf')).rejects.toMatchObject({ code: 'not-supported' })
    await expect(printWithChromium('')('<p>', new AbortController().signal)).rejects.toMatchObject({
      code: 'not-supported',
      remedy: expect.stringContaining('HTML'),
    })
  })
  it('has a published schema that is not stale', () => {
    expect(readFileSync(join(import.meta.dirname, '../../../resources/report.schema.json'), 'utf8')).toBe(
      reportSchemaText(),
    )
  })
})

describe('images of a report', () => {
  const image = (id: string, residentBytes: number) => ({
    path: '/storage/data.img',
    id,
    format: 'raw' as const,
    guests: [1],
    cacheMode: 'buffered' as const,
    residentBytes,
    doubleCachedBytes: 0,
    why: [],
  })
  const scrubbed = (id: string, evictedBytes: number) => ({
    path: '/storage/data.img',
    id,
    residentBeforeBytes: 2 ** 30,
    residentAfterBytes: 0,
    evictedBytes,
    keptDirtyBytes: 0,
    keptUniqueBytes: 0,
  })

  it('tells two containers with the same path apart, and counts each eviction once', () => {
    const [first, second] = ['0:50:7@1', '0:51:7@1'] as const
    const images = [image(first, 2 ** 20), image(second, 2 ** 21)]
    const assessment = { at: 0, images } as unknown as Assessment
    const scrub = {
      images: [scrubbed(first, 5 * 2 ** 20), scrubbed(second, 7 * 2 ** 20)],
    } as unknown as ScrubResult
    const html = renderImages(assessment, scrub)
    for (const [id, evicted] of [
      [first, '5 MiB'],
      [second, '7 MiB'],
    ] as const) {
      const row = html.split('<tr>').filter((part) => part.includes(`/storage/data.img [${id}]`))
      expect(row).toHaveLength(1)
      expect(row[0]).toContain(evicted)
    }
  })
})
