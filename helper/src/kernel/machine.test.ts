import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readMachine } from './machine.ts'

const trees: string[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

function rootWith(bootId: string | undefined) {
  const proc = mkdtempSync(join(tmpdir(), 'singleton-facts-'))
  trees.push(proc)
  mkdirSync(join(proc, 'sys/kernel/random'), { recursive: true })
  mkdirSync(join(proc, 'self/ns'), { recursive: true })
  symlinkSync('pid:[4026531836]', join(proc, 'self/ns/pid'))
  if (bootId !== undefined) writeFileSync(join(proc, 'sys/kernel/random/boot_id'), bootId)
  return { proc, sys: '/nowhere' }
}

describe('readMachine', () => {
  it('reads the boot id and the PID namespace', async () => {
    const bootId = '2b9a4f3e-6a1c-4e0e-9c58-0d1b7c1f6a55'
    expect(await readMachine(rootWith(`${bootId}\n`))).toEqual({ bootId, pidNamespace: 'pid:[4026531836]' })
  })

  it('is undefined where the kernel has no boot id', async () => {
    expect(await readMachine(rootWith(undefined))).toBeUndefined()
  })
})
