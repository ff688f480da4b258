// Files of /proc/<pid> that are links, on a tree of links.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listDescriptors, readDescriptorLink } from './descriptors.ts'
import { readExe, statProgram } from './exe.ts'
import { MountTable } from './mount-table.ts'
import { readNamespace } from './namespaces.ts'
import { goBeforeGuests } from './oom-score.ts'

const proc = mkdtempSync(join(tmpdir(), 'process-links-'))
const root = { proc, sys: '/nowhere' }

beforeAll(() => {
  mkdirSync(join(proc, '12/fd'), { recursive: true })
  mkdirSync(join(proc, '12/ns'))
  symlinkSync('socket:[4711]', join(proc, '12/fd/3'))
  symlinkSync(`/${'a'.repeat(4090)}/b/c`, join(proc, '12/fd/14'))
  symlinkSync('mnt:[4026531841]', join(proc, '12/ns/mnt'))
  symlinkSync('/nowhere/qemu (deleted)', join(proc, '12/exe'))
})
afterAll(() => rmSync(proc, { recursive: true }))

describe('links of a process', () => {
  it('reads descriptors', () => {
    expect(listDescriptors(root, 12).sort()).toEqual(['14', '3'])
    expect(readDescriptorLink(root, 12, '3')).toBe('socket:[4711]')
    expect(readDescriptorLink(root, 12, '14')).toHaveLength(4095)
    expect(() => readDescriptorLink(root, 12, '4')).toThrow('ENOENT')
    expect(() => listDescriptors(root, 13)).toThrow('ENOENT')
  })

  it('reads programs and namespaces', () => {
    expect(readExe(root, 12)).toBe('/nowhere/qemu (deleted)')
    expect(readExe(root, 13)).toBeUndefined()
    expect(() => statProgram(root, 12, new MountTable(root))).toThrow('ENOENT')
    expect(readNamespace(root, 12, 'mnt')).toBe('mnt:[4026531841]')
    expect(() => readNamespace(root, 12, 'pid')).toThrow('ENOENT')
  })
})

it('goes on where /proc has no score to set', () => {
  writeFileSync(join(proc, 'self'), '')
  expect(() => goBeforeGuests(root)).not.toThrow()
})
