import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { liveKernel } from '../kernel/kernel-root.ts'
import { readHolder, releaseOwnLock, withLock } from './lock.ts'

describe('releaseOwnLock', () => {
  let folders: { state: string; run: string }
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'singleton-lock-'))
    folders = { state: folder, run: join(folder, 'run') }
  })
  afterEach(() => rmSync(folders.state, { recursive: true, force: true }))
  const purpose = { who: 'anna', action: 'govern' }

  it('lets the next one in while this one has not ended', async () => {
    await withLock(folders, liveKernel, purpose, async () => {
      expect(await readHolder(folders, liveKernel)).toMatchObject({ pid: process.pid, who: 'anna' })
      releaseOwnLock(folders, liveKernel)
      expect(await readHolder(folders, liveKernel)).toBeUndefined()
      expect(await withLock(folders, liveKernel, purpose, async () => 'next')).toBe('next')
    })
  })

  it("leaves another process's lock alone, and does nothing where there is none", async () => {
    releaseOwnLock(folders, liveKernel)
    await withLock(folders, liveKernel, purpose, async () => {
      const own = process.pid
      Object.defineProperty(process, 'pid', { value: own + 1, configurable: true })
      releaseOwnLock(folders, liveKernel)
      Object.defineProperty(process, 'pid', { value: own, configurable: true })
      expect(await readHolder(folders, liveKernel)).toMatchObject({ pid: own })
    })
  })
})
