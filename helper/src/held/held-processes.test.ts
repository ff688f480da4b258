import { appendFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeldProcesses, noteHeld } from './held-processes.ts'

describe.skipIf(process.geteuid?.() !== 0)('HeldProcesses', () => {
  let folders: { state: string; run: string }
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'singleton-held-'))
    folders = { state: folder, run: join(folder, 'run') }
  })
  afterEach(() => rmSync(folders.state, { recursive: true, force: true }))
  const note = (pid: number, owner = 'uid 1000') =>
    noteHeld(folders, { pid, owner, startTime: `${pid}00`, at: 1_700_000_000_000 })

  it('knows nothing where nothing was noted', () => {
    expect(HeldProcesses.read(folders).isEmpty).toBe(true)
  })

  it('leaves out the very process that was noted, and no other with its pid', () => {
    note(7)
    const held = HeldProcesses.read(folders)
    expect(held.explain({ pid: 7, startTime: '700', owner: 'uid 1000' })).toMatch(
      /held up by it \(end it, or remove /,
    )
    expect(held.explain({ pid: 7, startTime: '701', owner: 'uid 1000' })).toBeUndefined()
    expect(held.explain({ pid: 8, startTime: '800', owner: 'uid 1000' })).toBeUndefined()
  })

  it('leaves out an owner who comes with another each time, but never the root of the host', () => {
    for (const pid of [7, 8, 9]) note(pid)
    for (const pid of [17, 18, 19]) note(pid, 'root')
    const held = HeldProcesses.read(folders)
    expect(held.explain({ pid: 99, startTime: '1', owner: 'uid 1000' })).toMatch(
      /^3 processes of its owner \(uid 1000\)/,
    )
    expect(held.explain({ pid: 99, startTime: '1', owner: 'uid 1001' })).toBeUndefined()
    expect(held.explain({ pid: 99, startTime: '1', owner: 'root' })).toBeUndefined()
  })

  it('reads past lines that are damaged, and follows no link', () => {
    note(7)
    const path = join(folders.run, 'held-up.jsonl')
    appendFileSync(path, '{"pid":8,"startTime":"8\n\n{"pid":-1}\n')
    expect(HeldProcesses.read(folders).explain({ pid: 7, startTime: '700', owner: 'uid 1' })).toBeDefined()
    rmSync(path)
    symlinkSync('/etc/passwd', path)
    expect(() => HeldProcesses.read(folders)).toThrow(/ELOOP/)
  })
})
