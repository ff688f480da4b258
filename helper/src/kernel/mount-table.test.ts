import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isServedByUser, MountTable } from './mount-table.ts'

describe('MountTable', () => {
  let proc: string
  beforeEach(() => {
    proc = mkdtempSync(join(tmpdir(), 'singleton-mounts-'))
  })
  afterEach(() => rmSync(proc, { recursive: true }))

  const add = (pid: string, mnt: string, user: string, mounts: readonly string[]) => {
    mkdirSync(join(proc, pid, 'ns'), { recursive: true })
    symlinkSync(`mnt:[${mnt}]`, join(proc, pid, 'ns/mnt'))
    symlinkSync(`user:[${user}]`, join(proc, pid, 'ns/user'))
    writeFileSync(join(proc, pid, 'mountinfo'), mounts.map((line) => `${line}\n`).join(''))
  }
  const hostMounts = [
    '20 1 254:0 / / rw - ext4 /dev/vda rw',
    '21 20 0:50 / /docker/merged rw - overlay overlay rw,lowerdir=a',
  ]
  const table = () => {
    add('self', '1', '1', hostMounts)
    add('1', '1', '1', hostMounts)
    return new MountTable({ proc, sys: proc })
  }

  it("tells a user namespace's own file systems from the copies that it has of the host's", () => {
    add('7', '2', '2', [
      '30 1 254:0 / / rw - ext4 /dev/vda rw',
      '31 30 0:50 / /merged rw - overlay overlay rw,lowerdir=a',
      '32 30 0:60 / /f rw - fuse.stranger x rw,user_id=0,group_id=0',
      '33 30 0:61 / /o ro - overlay overlay ro,lowerdir=f:e,userxattr',
    ])
    const mounts = table()
    const served = [30, 31, 32, 33].map((mountId) => {
      const found = mounts.mountOf(7, { mountId })
      return found && isServedByUser(found)
    })
    expect(served).toEqual([false, false, true, true])
    // By its device, where the kernel does not tell the mount.
    expect(mounts.mountOf(7, { device: '0:61' })?.isOfUserNamespace).toBe(true)
    expect(mounts.mountOf(7, { device: '0:50' })?.id).toBe(21)
    expect(mounts.mountOf(7, { mountId: 99, device: '0:99' })).toBeUndefined()
  })

  it("takes a container of root, and a user namespace in the host's own mounts, for ours", () => {
    add('8', '3', '1', ['40 1 0:70 / / rw - overlay overlay rw,lowerdir=b'])
    add('9', '1', '2', [])
    const mounts = table()
    const container = mounts.mountOf(8, { mountId: 40 })
    expect(container && isServedByUser(container)).toBe(false)
    expect(mounts.mountOf(9, { mountId: 21 })?.isOfUserNamespace).toBe(false)
  })
})
