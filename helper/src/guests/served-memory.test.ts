import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { MountTable } from '../kernel/mount-table.ts'
import type { Mapping } from '../kernel/smaps.ts'
import { leaveServedOut } from './served-memory.ts'

const MIB = 2 ** 20

function ram(flags: string, over: Partial<Mapping> = {}): Mapping {
  const base = {
    permissions: 'rw-p',
    device: '0:0',
    inode: 0,
    name: '',
    anonHugePagesBytes: 0,
    anonymousBytes: 0,
  }
  return { start: 0, end: 64 * MIB, flags: new Set(flags.split(' ')), ...base, ...over }
}

describe('leaveServedOut', () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-served-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  for (const who of ['7', 'self', '1']) {
    mkdirSync(join(folder, who, 'ns'), { recursive: true })
    for (const kind of ['mnt', 'user']) symlinkSync(`${kind}:[1]`, join(folder, who, 'ns', kind))
    writeFileSync(
      join(folder, who, 'mountinfo'),
      `21 1 8:1 / / rw - ext4 /dev/sda1 rw
22 21 0:50 / /mnt/theirs rw - fuse.sshfs theirs rw,user_id=1000,group_id=1000
23 21 0:51 / /mnt/ours rw - fuse.gluster ours rw,user_id=0,group_id=0
`,
    )
  }
  const mounts = new MountTable({ proc: folder, sys: folder })
  const file = (device: string) => ram('rd wr dc', { inode: 12, device, name: '/ram' })

  it.each([
    ['anonymous memory', ram('rd wr dc mg')],
    ['write protection by userfaultfd, which holds no reader up', ram('rd wr dc uw')],
    ["a file of root's file systems", file('8:1')],
    ["a file that root's program serves", file('0:51')],
    ['reserved huge pages of no mount', ram('rd wr dc ht sh', { inode: 12, device: '0:15' })],
  ])('keeps %s', (_, mapping) => {
    expect(leaveServedOut([mapping], mounts, 7)).toEqual({ readable: [mapping], served: [] })
  })

  it('keeps shared memory of the kernel, by its device and not by its name', () => {
    const memfd = file('0:1')
    const pretended = { ...file('0:99'), name: '/memfd:ram (deleted)' }
    const sorted = leaveServedOut([memfd, pretended], mounts, 7, () => '0:1')
    expect(sorted.readable).toEqual([memfd])
    expect(sorted.served).toEqual([
      expect.stringMatching(/64 MiB are .* mounted nowhere here \(device 0:99\)/),
    ])
  })

  it('leaves out what a user serves, and what userfaultfd supplies', () => {
    const all = [file('0:50'), ram('rd wr dc um'), ram('rd wr dc ui'), ram('rd wr dc mg')]
    const sorted = leaveServedOut(all, mounts, 7)
    expect(sorted.readable).toEqual([all[3]])
    expect(sorted.served).toEqual([
      expect.stringMatching(/^64 MiB .*a user serves \(fuse\.sshfs at \/mnt\/theirs\)/),
      expect.stringMatching(/^128 MiB .*userfaultfd/),
    ])
  })
})
