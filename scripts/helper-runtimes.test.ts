import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkRuntime } from '../helper/compile.mjs'
import { TARGETS } from '../helper/targets.mjs'

describe('runtimes of the targets', () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('are pinned: %s', (_, target) => {
    expect(target.runtimeSha512).toMatch(/^[0-9a-f]{128}$/)
    const folder = mkdtempSync(join(tmpdir(), 'singleton-runtime-'))
    try {
      const path = join(folder, 'bun')
      writeFileSync(path, 'something else')
      expect(() => checkRuntime(path, target)).toThrow(`pins for ${target.runtimePackage} `)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are taken where they are the pinned ones', () => {
    const sha512OfEmpty =
      'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e'
    const target = { name: 'x', runtimePackage: 'x', runtimeSha512: sha512OfEmpty }
    expect(() => checkRuntime('/dev/null', target)).not.toThrow()
  })
})
