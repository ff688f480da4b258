import { describe, expect, it } from 'vitest'
import {
  type Assessment,
  type Report,
  report as reportSchema,
  type ScrubResult,
} from '../../shared/contract/index.ts'
import { escapeHtml } from './html-parts.ts'
import { noteSameMachines, renderReport } from './report-builder.ts'
import { reportColumns, totalOf } from './report-columns.ts'
import { csvOf, guard, renderCsv } from './report-csv.ts'
import { renderImages } from './report-host-tables.ts'
import { renderHtml } from './report-html.ts'

const evil = '<script>alert("x")</script>'
const report: Report = {
  title: 'Report & more',
  createdAt: Date.UTC(2026, 0, 2),
  version: '1.2.3',
  hosts: [
    {
      name: evil,
      address: '=cmd|calc',
      mergeableBytes: 4096,
      mergedBytes: 0,
      notes: ['a "quoted", note\nwith a break'],
    },
    { name: 'beta', address: '-2+3', mergeableBytes: 8192, cpuSeconds: 1.5, hitRatio: 0.25, notes: [] },
  ],
}

describe('renderCsv', () => {
  const [header = '', first = '', second = ''] = renderCsv(report).split('\r\n')

  it('has one row per host in base units, empty where nothing was measured', () => {
    expect(header).toBe(
      'host,address,assessedAt,guestResidentBytes,mergeableBytes,mergedBytes,imageCacheBeforeBytes,imageCacheAfterBytes,doubleCachedBytes,hitRatio,cpuSeconds,notes',
    )
    expect(second).toBe("beta,'-2+3,,,8192,,,,,0.25,1.5,")
  })

  it('keeps zero apart from not measured, quotes by RFC 4180 and disarms formulas', () => {
    expect(first).toBe(
      `"<script>alert(""x"")</script>",'=cmd|calc,,,4096,0,,,,,,"a ""quoted"", note\nwith a break"`,
    )
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
    expect(html).toContain('<td class="figure">12 KiB</td>')
    expect(html).toContain('Δread_bytes / Δrchar')
  })
})

describe('hosts of one machine', () => {
  const machine = (pidNamespace: string) => ({ bootId: 'boot', pidNamespace })
  const shared = { address: 'a', mergedBytes: 100, cpuSeconds: 5, ksmdCpuSeconds: 3, notes: [] }
  const hosts = [
    { ...shared, name: 'local', machine: machine('pid:[1]') },
    { ...shared, name: 'by ssh', machine: machine('pid:[1]') },
    { ...shared, name: 'container', machine: machine('pid:[2]') },
    { ...shared, name: 'other', machine: { bootId: 'another boot' } },
  ]
  const total = (key: string) => {
    const column = reportColumns.find((one) => one.key === key)
    return column && totalOf(hosts, column)
  }

  it('count guests once for all who see them, and ksmd once for the kernel', () => {
    expect(total('mergedBytes')).toBe(300)
    expect(total('cpuSeconds')).toBe(4 * 2 + 3 + 3)
  })

  it('are named in the notes', () => {
    const notes = noteSameMachines(hosts).map((host) => host.notes.join())
    expect(notes).toEqual(['', expect.stringMatching(/^Same machine as local/), notes[1], ''])
  })
})

describe('renderReport', () => {
  it('names the file after the day and format, and JSON is the report itself', () => {
    const { fileName, content } = renderReport(report, 'json')
    expect(fileName).toBe('singleton-report-2026-01-02.json')
    expect(reportSchema.parse(JSON.parse(content))).toEqual(report)
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
