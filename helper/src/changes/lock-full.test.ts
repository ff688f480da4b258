// The lock where no file can be filled, as on a full /run.
import fs, { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { liveKernel } from '../kernel/kernel-root.ts'
import { withLock } from './lock.ts'

const { writeFileSync } = fs

/** For all of this process, whose tests come one after the other. */
function fillDisk(isFull: boolean): void {
  const refuse = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  Object.assign(fs, { writeFileSync: isFull ? refuse : writeFileSync })
  syncBuiltinESMExports()
}

describe('the lock on a full disk', () => {
  let folders: { state: string; run: string }
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'singleton-lock-'))
    folders = { state: folder, run: join(folder, 'run') }
  })
  afterEach(() => {
    fillDisk(false)
    rmSync(folders.state, { recursive: true, force: true })
  })
  const change = { who: 'anna', action: 'ksm start' }
  const undo = { who: 'anna', action: 'ksm restore', undoes: true }
  const lock = (purpose: typeof change, work: () => Promise<unknown>) =>
    withLock(folders, liveKernel, purpose, work)

  it('is not needed by what undoes, and keeps every change from beginning beside it', async () => {
    fillDisk(true)
    const done = lock(undo, async () => {
      await expect(lock(change, async () => 'changed')).rejects.toMatchObject({ code: 'out-of-space' })
      return 'undone'
    })
    expect(await done).toBe('undone')
    expect(readdirSync(folders.run)).toEqual([])
  })

  it('is respected where another helper took it before', async () => {
    await lock(change, async () => {
      fillDisk(true)
      await expect(lock(undo, async () => 'undone')).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringContaining('(anna) has been running ksm start since'),
      })
    })
  })

  it('does not swallow what the work itself throws', async () => {
    fillDisk(true)
    const work = () => Promise.reject(new Error('the kernel refuses'))
    await expect(lock(undo, work)).rejects.toThrow('the kernel refuses')
  })
})
