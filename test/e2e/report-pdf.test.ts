// A report of many hosts, printed by a real Chromium: its figures are read back, its tables keep their heads on every page,
// and the JSON of the same report is valid by the published schema.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { printWithChromium } from '../../src/main/reports/print-pdf.ts'
import { renderReport } from '../../src/main/reports/report-builder.ts'
import { reportQuantities } from '../../src/main/reports/report-quantities.ts'
import type { Report, ReportedHost } from '../../src/shared/contract/index.ts'
import { Problem } from '../../src/shared/problem.ts'
import { run, runOk } from '../beds/lab/run.ts'
import { noChromium } from './chromium.ts'
import { eventually } from './eventually.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

const root = join(import.meta.dirname, '../..')
const from = Date.UTC(2026, 10, 1)
const day = 86_400_000
const hostCount = 60
const gib = 2 ** 30

function hostAt(index: number): ReportedHost {
  const at = Array.from({ length: 30 }, (_, slot) => from + slot * day)
  return {
    name: `kvm-${String(index).padStart(2, '0')}`,
    address: `root@kvm-${index}`,
    figures: [
      { key: 'mergedBytes', before: 0, after: index * gib },
      { key: 'hitRatio', before: 0.5, after: 0.75 },
    ],
    wonBytes: index * gib,
    reclaimableBytes: gib / 2,
    windows: {
      before: { from, to: from + 3 * day },
      after: { from: from + 27 * day, to: from + 30 * day },
      reason: 'before: up to the first change of the host (ksm/start); after: the last tenth of the range',
    },
    series: { at, metrics: { mergedBytes: at.map((_, slot) => (slot < 10 ? 0 : index * gib)) } },
    marks: [{ at: from + 10 * day, text: 'ksm/start' }],
    notes: [],
  }
}

const report: Report = {
  schemaVersion: 2,
  title: 'Singleton Workbench report',
  createdAt: from + 30 * day,
  version: '0.1.0',
  range: { from, to: from + 30 * day },
  quantities: [...reportQuantities],
  hosts: Array.from({ length: hostCount }, (_, index) => hostAt(index)),
}
const wonGib = (hostCount * (hostCount - 1)) / 2

describe.skipIf(noChromium !== undefined)('a report as PDF', () => {
  let folder = ''
  let pages: string[] = []
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'singleton-pdf-'))
    const { content, encoding } = await renderReport(
      report,
      'pdf',
      printWithChromium(),
      new AbortController().signal,
    )
    writeFileSync(join(folder, 'report.pdf'), Buffer.from(content, encoding))
    const text = await runOk('pdftotext', ['-layout', join(folder, 'report.pdf'), '-'])
    pages = text.split('\f').slice(0, -1)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('says on its first page what was won, to whoever decides', () => {
    const first = pages[0]?.replaceAll(/\s+/g, ' ')
    expect(first).toContain(`${(wonGib / 1024).toFixed(2)} TiB`)
    expect(first).toContain(`${hostCount / 2} GiB`)
    expect(first).toContain('given back')
    expect(first).toContain(`${hostCount} hosts`)
    expect(first).toContain(`1 of ${pages.length}`)
  })

  it('repeats the heads of a table that goes over several pages', () => {
    const withHosts = pages.filter((page) => (page.match(/^\s*kvm-\d\d\b/gm)?.length ?? 0) > 3)
    expect(withHosts.length).toBeGreaterThan(1)
    for (const page of withHosts) expect(page).toMatch(/^\s*Host\s/m)
  })

  it('has every quantity of every host with its before beside its after', () => {
    const text = pages.join('\n').replaceAll(/\s+/g, ' ')
    expect(text.match(/Hit ratio of all guests 50 % 75 % \+25 points/g)).toHaveLength(hostCount)
    expect(text.match(/Saved by KSM 0 ?B 59 GiB \+59 GiB/g)).toHaveLength(1)
  })

  it('can be looked at', async () => {
    const pictures = join(root, 'test/results')
    mkdirSync(pictures, { recursive: true })
    await runOk('pdftoppm', ['-png', '-r', '60', '-l', '1', join(folder, 'report.pdf'), join(folder, 'page')])
    const [file] = (await runOk('ls', [folder])).split('\n').filter((name) => name.endsWith('.png'))
    const png = readFileSync(join(folder, file ?? ''))
    writeFileSync(join(pictures, 'report-first-page.png'), png)
    // A white page of this size compresses to less than a kilobyte.
    expect(png.length).toBeGreaterThan(8000)
  })

  it('is valid JSON by the published schema, for another program too', async ({ skip }) => {
    const { content } = await renderReport(report, 'json', printWithChromium(), new AbortController().signal)
    const path = join(folder, 'report.json')
    writeFileSync(path, content)
    const check =
      'import jsonschema, json, sys; jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))'
    const schema = join(root, 'resources/report.schema.json')
    const validate = (document: string) => run('python3', ['-c', check, document, schema])
    const valid = await validate(path)
    if (valid.stderr.includes('ModuleNotFoundError')) skip('python3-jsonschema is not installed')
    expect(valid.stderr).toBe('')
    writeFileSync(path, content.replace('"schemaVersion": 2', '"schemaVersion": 1'))
    expect((await validate(path)).stderr).toContain('ValidationError')
  })

  it('ends when it is cancelled, and leaves no browser', async () => {
    const cancel = new AbortController()
    // Other tests may print at the same time: the browser of this report is known by where its profile lies.
    vi.stubEnv('TMPDIR', folder)
    const printing = renderReport(report, 'pdf', printWithChromium(), cancel.signal)
    cancel.abort(new Problem('cancelled', 'cancelled by the person'))
    await expect(printing).rejects.toMatchObject({ code: 'cancelled' })
    vi.unstubAllEnvs()
    const running = () => run('pgrep', ['-f', `user-data-dir=${folder}/`])
    await eventually(async () => (await running()).stdout).toBe('')
  })
})
