// The demo as a newcomer runs it, without staying: lab, SSH, assess, merge, scrub, an experiment, reports, and nothing left
// behind. SINGLETON_TEST_DEMO=1: with all pairs of its experiment, which takes a minute longer.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { report } from '../../src/shared/contract/reports.ts'

/** Too few for an interval: scripts/demo/demo-experiment.test.ts has that. */
const fewPairs = process.env.SINGLETON_TEST_DEMO === '1' ? [] : ['--pairs', '3']
let out: string
let labDirectory: string
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'singleton-demo-'))
  labDirectory = join(tmpdir(), 'demo-lab')
})
afterAll(() => rmSync(out, { recursive: true }))

function runDemo(): Promise<{ code: number | null; printed: string }> {
  const script = join(import.meta.dirname, '../../scripts/demo.ts')
  const child = spawn(process.execPath, [script, '--exit', '--out', out, ...fewPairs], {
    env: { ...process.env, SINGLETON_LAB_DIR: labDirectory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const keep = (chunk: Buffer) => {
    printed += chunk
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, printed })))
}

describe('demo', () => {
  let ended: { code: number | null; printed: string }
  beforeAll(async () => {
    ended = await runDemo()
    console.log(ended.printed)
  }, 600_000)

  it('shrinks the image cache at least tenfold, writes three reports and takes the lab down', () => {
    const { printed } = ended
    expect(existsSync(join(out, 'report.json')), printed).toBe(true)
    const written = report.parse(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')))
    expect(written.hosts.map(({ name }) => name)).toEqual(['lab-a', 'lab-b', 'lab-c'])
    // The third host is that of the experiment, which scrubs by its policy only.
    for (const { scrub } of written.hosts.slice(0, 2)) {
      const { residentBeforeBytes = 0, residentAfterBytes = Number.NaN } = scrub?.totals ?? {}
      expect(residentBeforeBytes).toBeGreaterThan(10 * residentAfterBytes)
    }
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('lab-b')
    const csv = readFileSync(join(out, 'report.csv'), 'utf8')
    expect(csv.split('\r\n')[0]).toContain('quantity,title,unit,before,after')
    expect(csv).toMatch(/lab-b,.*[Dd]ouble cached/)
    expect(existsSync(labDirectory), 'the lab folder is gone').toBe(false)
  })

  it('compares the kernel alone with adaptive, and prints and reports figures and intervals', () => {
    const { printed } = ended
    const written = report.parse(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')))
    const [experiment] = written.experiments ?? []
    expect(experiment?.hostNames, printed).toEqual(['lab-c'])
    expect(experiment?.comparisons.map(({ metric }) => metric)).toEqual(
      expect.arrayContaining(['hit-ratio', 'reads-per-second', 'read-latency']),
    )
    expect(printed).toContain(experiment?.verdict.sentence)
    // It takes six, of which a pair during which others load this machine is run again, up to three times.
    const isEnough = experiment?.comparisons.every(({ estimate }) => estimate.pairs >= 6)
    if (isEnough) {
      for (const { estimate } of experiment?.comparisons ?? [])
        expect(estimate.interval, printed).toBeDefined()
    } else console.warn(`no intervals: ${experiment?.verdict.sentence}`)
    const interval = isEnough ? '[\\d.]+x to [\\d.]+x, ' : ''
    expect(printed).toMatch(
      new RegExp(`^reader +hit ratio +[\\d.]+ % → [\\d.]+ % +[\\d.]+x \\(.*${interval}\\d+ pairs\\)`, 'm'),
    )
    expect(printed).toMatch(/^reader +reads\/s +[\d.,]+\/s → [\d.,]+\/s/m)
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Reader beside a stream')
  })

  it('ends with 0, as at least 80 % of what was called mergeable is merged, and says what it took', () => {
    // Its own account, which the README quotes.
    expect(ended.printed).toMatch(/the demo took (?:\d+ min )?[\d.]+ s, from the command/)
    expect(ended.code, ended.printed).toBe(0)
  })
})
