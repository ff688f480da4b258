import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { settleModes } from './deb.ts'

let tree: string
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'singleton-deb-'))
})
afterEach(() => rmSync(tree, { recursive: true, force: true }))

it('lets nobody but root write what a package brings, whatever the umask of who builds it', () => {
  const folder = join(tree, 'usr/lib/.hidden')
  mkdirSync(folder, { recursive: true })
  const modes: readonly (readonly [string, number, number])[] = [
    ['program', 0o777, 0o755],
    ['library.js', 0o666, 0o644],
    ['.settings', 0o620, 0o644],
  ]
  for (const [name, mode] of modes) {
    writeFileSync(join(folder, name), '')
    chmodSync(join(folder, name), mode)
  }
  for (const path of [folder, join(tree, 'usr')]) chmodSync(path, 0o777)
  settleModes(tree)
  for (const path of [folder, join(tree, 'usr')]) expect(statSync(path).mode & 0o7777).toBe(0o755)
  for (const [name, , mode] of modes) expect(statSync(join(folder, name)).mode & 0o7777).toBe(mode)
})
