import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { GuestDescriptors, isPrivateRam } from './guest-descriptors.ts'

const credentials = { uid: 0, gid: 0, groups: [], readsAll: true }
const guest = { pid: 7, name: 'web', args: [], credentials }

describe('descriptors of a guest', () => {
  let root: KernelRoot
  beforeEach(() => {
    const proc = mkdtempSync(join(tmpdir(), 'singleton-descriptors-'))
    root = { proc, sys: proc }
    mkdirSync(join(proc, '7/fd'), { recursive: true })
  })
  afterEach(() => rmSync(root.proc, { recursive: true }))

  const link = (fd: number, to: string) => symlinkSync(to, join(root.proc, '7/fd', String(fd)))
  const writeStatus = (room: number) =>
    writeFileSync(
      join(root.proc, '7/status'),
      `Uid:\t0 0 0 0\nGid:\t0 0 0 0\nFDSize:\t${room}\nGroups:\t\nCapEff:\t0\n`,
    )

  it('that may be disks are paths, and RAM that is private to a guest, which is told of', () => {
    writeStatus(64)
    link(3, 'socket:[1234]')
    link(4, '/images/a.qcow2')
    link(5, 'anon_inode:[eventfd]')
    link(6, '/memfd:ram0 (deleted)')
    link(7, 'anon_inode:[kvm-gmem]')
    link(8, '/images/b.raw (deleted)')
    link(9, 'pipe:[5]')
    const { files, unreadable } = new GuestDescriptors(root, guest).list()
    expect(files.map(({ fd, link: to }) => [fd, to])).toEqual([
      ['4', '/images/a.qcow2'],
      ['7', 'anon_inode:[kvm-gmem]'],
      ['8', '/images/b.raw (deleted)'],
    ])
    expect(unreadable).toEqual([])
  })

  it('have a signature that changes with any of them', () => {
    writeStatus(64)
    link(4, '/images/a.qcow2')
    const before = new GuestDescriptors(root, guest).list().signature
    expect(new GuestDescriptors(root, guest).list().signature).toBe(before)
    rmSync(join(root.proc, '7/fd/4'))
    link(4, '/images/b.qcow2')
    expect(new GuestDescriptors(root, guest).list().signature).not.toBe(before)
  })

  it('are not even listed where there is room for more than a guest has', () => {
    writeStatus(131_072)
    link(4, '/images/a.qcow2')
    const { files, unreadable } = new GuestDescriptors(root, guest).list()
    expect(files).toEqual([])
    expect(unreadable.map(({ problem }) => problem.message)).toEqual([
      expect.stringContaining('its table has room for 131072, and up to 65536 are looked at'),
    ])
  })

  it('are those of a process that has ended', () => {
    rmSync(join(root.proc, '7'), { recursive: true })
    const { files, unreadable } = new GuestDescriptors(root, guest).list()
    expect([files, unreadable.map(({ problem }) => problem.code)]).toEqual([[], ['gone']])
  })
})

describe('isPrivateRam', () => {
  it.each([
    ['anon_inode:[kvm-gmem]', true],
    ['/[kvm-gmem] (deleted)', true],
    ['[kvm-gmem]', true],
    ['/images/[kvm-gmem]', false],
    ['anon_inode:kvm-vm', false],
  ])('%s: %s', (to, expected) => {
    expect(isPrivateRam(to)).toBe(expected)
  })
})
