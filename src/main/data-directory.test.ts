import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requireOwnDirectory } from './data-directory.ts'

describe('requireOwnDirectory', () => {
  let base: string
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'singleton-data-'))
  })
  afterEach(() => rmSync(base, { recursive: true, force: true }))

  it('makes the folder for its user alone, and takes one that is there, behind a link too', () => {
    const path = join(base, 'share/singleton-workbench')
    requireOwnDirectory(path)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    symlinkSync(path, join(base, 'link'))
    expect(() => requireOwnDirectory(join(base, 'link'))).not.toThrow()
  })

  it.each<[string, (path: string) => void]>([
    ['others may write to', (path) => chmodSync(path, 0o777)],
    ['lies in a folder that others may write to', () => chmodSync(base, 0o777)],
  ])('refuses one that %s', (_, change) => {
    const path = join(base, 'data')
    mkdirSync(path, { mode: 0o700 })
    change(path)
    expect(() => requireOwnDirectory(path)).toThrow(/cannot keep the workbench's files in .*other users may/)
  })

  it.skipIf(process.getuid?.() !== 0)('refuses one of another user, or below one of theirs', () => {
    const path = join(base, 'theirs')
    mkdirSync(join(path, 'ours'), { recursive: true, mode: 0o700 })
    chownSync(path, 4242, 4242)
    expect(() => requireOwnDirectory(path)).toThrow(/belongs to user 4242/)
    expect(() => requireOwnDirectory(join(path, 'ours'))).toThrow(/other users may change .*theirs/)
  })
})
