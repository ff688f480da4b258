import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { readVersion } from './file-version.ts'

const folder = mkdtempSync(join(tmpdir(), 'singleton-version-'))
const path = join(folder, 'disk')
writeFileSync(path, 'content')
const fd = openSync(path, 'r')
afterAll(() => {
  closeSync(fd)
  rmSync(folder, { recursive: true, force: true })
})
afterEach(() => void vi.restoreAllMocks())

const [wallMs, steadyMs] = [Date.now(), performance.now()]
/** `behindMs`: the steady clock stood still for so long, or the wall clock stepped forward by as much. */
function setClocks(afterMs: number, behindMs = 0): void {
  vi.spyOn(Date, 'now').mockReturnValue(wallMs + afterMs)
  vi.spyOn(performance, 'now').mockReturnValue(steadyMs + afterMs - behindMs)
}
const version = (format: 'raw' | 'block-device' = 'raw') =>
  readVersion({ fd, image: { format } as Parameters<typeof readVersion>[0]['image'] })

const hourMs = 3_600_000

it('tells a version once the last write is 10 s ago', () => {
  setClocks(5_000)
  expect(version()).toBeUndefined()
  setClocks(20_000)
  expect(version()).toMatch(/^\d+ \d+ 7$/)
  expect(version('block-device')).toBeUndefined()
})

it('believes no time of change right after the clock stepped, and all of them 10 s later', () => {
  setClocks(20_000, hourMs)
  expect(version()).toBeUndefined()
  setClocks(31_000, hourMs)
  expect(version()).toMatch(/^\d+ \d+ 7$/)
  setClocks(32_000, -hourMs)
  expect(version()).toBeUndefined()
})
