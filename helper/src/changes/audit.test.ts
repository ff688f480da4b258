import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { liveKernel } from '../kernel/kernel-root.ts'
import { boundedLog } from '../serve/log.ts'
import { appendAudit, auditPath, checkAuditWritable, findActor, listAudit } from './audit.ts'

let folders: { state: string; run: string }
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  folders = { state: join(folder, 'state'), run: join(folder, 'run') }
})
afterEach(() => rmSync(join(folders.state, '..'), { recursive: true, force: true }))

describe('the audit', () => {
  it('lists the newest entries and leaves out broken lines', () => {
    checkAuditWritable(folders)
    for (let at = 1; at <= 3; at += 1) {
      appendAudit(folders, { at, who: 'ada', from: 'local', action: 'scrub', outcome: 'x'.repeat(9000) })
      appendFileSync(auditPath(folders), '{"at":\nnull\n')
    }
    expect(listAudit(folders, 2).map(({ at }) => at)).toEqual([2, 3])
    expect(listAudit(folders, 0)).toEqual([])
    expect(statSync(auditPath(folders)).mode & 0o777).toBe(0o600)
    expect(statSync(folders.state).mode & 0o777).toBe(0o700)
  })

  it('is empty where nothing was changed yet', () => expect(listAudit(folders, 10)).toEqual([]))

  it('knows the login behind sudo and the address behind ssh', async () => {
    const environment = { SUDO_USER: 'ada', SSH_CONNECTION: '192.0.2.7 50123 192.0.2.1 22' }
    expect(await findActor(liveKernel, environment)).toEqual({ who: 'ada', from: '192.0.2.7' })
    expect((await findActor(liveKernel, { USER: 'mallory' })).who).not.toBe('mallory')
  })
})

describe('the log', () => {
  it('is bounded by the minute and free of escape sequences', () => {
    const written: string[] = []
    let now = 0
    const log = boundedLog(
      (text) => written.push(text),
      () => now,
    )
    for (let count = 0; count < 500; count += 1) log(`line\u001b[31m\n${'x'.repeat(5000)}`)
    expect(written).toHaveLength(100)
    expect(written[0]).toMatch(/^line x{900,1000}\n$/)
    now = 61_000
    log('later')
    expect(written.slice(100)).toEqual(['400 lines were left out\n', 'later\n'])
  })
})
