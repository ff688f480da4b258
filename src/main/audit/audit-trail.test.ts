import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TrailEntry } from '../../shared/contract/index.ts'
import { trailCsv } from '../reports/audit-export.ts'
import { openAuditTrail } from './audit-trail.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-audit-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const entry = (at: number, more: Partial<TrailEntry> = {}): TrailEntry => ({
  at,
  hostId: 'a',
  host: 'alpha',
  who: 'ada',
  from: 'desk (workbench)',
  action: 'page-cache/scrub',
  outcome: 'evicted 3 MiB',
  ...more,
})

describe('the audit of the workbench', () => {
  it('lists the newest that match, oldest first, written by two at once', async () => {
    const [one, other] = [openAuditTrail(folder), openAuditTrail(folder)]
    await one.append([entry(1)])
    await other.append([entry(2, { hostId: 'b', host: 'beta', action: 'ksm/start' })])
    await one.append([entry(3, { action: 'set mode', before: 'observe', after: 'change' })])
    const times = async (query: Parameters<typeof one.list>[0]) => (await one.list(query)).map(({ at }) => at)
    expect(await times({ limit: 10 })).toEqual([1, 2, 3])
    expect(await times({ limit: 2 })).toEqual([2, 3])
    expect(await times({ limit: 10, hostId: 'a' })).toEqual([1, 3])
    expect(await times({ limit: 10, text: 'KSM beta' })).toEqual([2])
    expect(await times({ limit: 10, text: 'observe nothing' })).toEqual([])
  })

  it('keeps the order of what is asked for at once, however much that is', async () => {
    const trail = openAuditTrail(folder)
    const times = Array.from({ length: 250 }, (_, at) => at)
    await Promise.all([trail.append(times.slice(0, 220).map((at) => entry(at))), trail.append([entry(220)])])
    expect((await trail.list({ limit: 500 })).map(({ at }) => at)).toEqual(times.slice(0, 221))
  })

  it('only appends, for the owner alone, and leaves out what does not parse', async () => {
    const trail = openAuditTrail(folder)
    await trail.append([entry(1, { outcome: 'x'.repeat(9000) })])
    const path = join(folder, 'audit.jsonl')
    const first = readFileSync(path, 'utf8')
    appendFileSync(path, '{"at":\nnull\n')
    await trail.append([entry(2)])
    expect(readFileSync(path, 'utf8').startsWith(first)).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect((await trail.list({ limit: 10 })).map(({ at }) => at)).toEqual([1, 2])
  })

  it('is empty at first, and says before a change when it cannot be written', async () => {
    expect(await openAuditTrail(join(folder, 'new')).list({ limit: 10 })).toEqual([])
    appendFileSync(join(folder, 'file'), '')
    const broken = openAuditTrail(join(folder, 'file'))
    await expect(broken.checkWritable()).rejects.toThrow(/cannot append to .*audit.jsonl/)
  })

  it('exports CSV that no spreadsheet runs', () => {
    const csv = trailCsv([entry(0, { host: '=cmd()', target: 'a,"b"' })])
    expect(csv.split('\r\n')[1]).toBe(
      `1970-01-01T00:00:00.000Z,'=cmd(),a,ada,desk (workbench),page-cache/scrub,"a,""b""",,,evicted 3 MiB`,
    )
  })
})
