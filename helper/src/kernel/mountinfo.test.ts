import { describe, expect, it } from 'vitest'
import { isServedByUser } from './mount-table.ts'
import { parseMounts } from './mountinfo.ts'

const text = `22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
41 27 0:39 / /mnt/with\\040a\\011space rw,nosuid master:3 propagate_from:2 - fuse.sshfs host:/ rw,user_id=1000,group_id=1000
a line that is cut of`

describe('parseMounts', () => {
  it('reads mounts with and without optional fields, and leaves out a line that is cut off', () => {
    expect(parseMounts(text)).toEqual([
      { id: 22, device: '0:21', mountPoint: '/proc', type: 'proc', options: 'rw' },
      { id: 27, device: '254:0', mountPoint: '/', type: 'ext4', options: 'rw,discard' },
      {
        id: 41,
        device: '0:39',
        mountPoint: '/mnt/with a\tspace',
        type: 'fuse.sshfs',
        options: 'rw,user_id=1000,group_id=1000',
      },
    ])
  })

  it.each(['\r', '\u2028', '\v', '\u00a0', '\u0085'])('reads a mount with %j in its names', (odd) => {
    const line = `41 27 0:39 /a${odd} /mnt/a${odd}b rw - fuse.x${odd} x${odd} rw,user_id=1000,group_id=1000`
    expect(parseMounts(`${text.split('\n', 1)}\n${line}\n`)[1]).toMatchObject({
      id: 41,
      mountPoint: `/mnt/a${odd}b`,
      options: 'rw,user_id=1000,group_id=1000',
    })
  })
})

describe('isServedByUser', () => {
  it.each([
    ['fuse.sshfs', 'rw,user_id=1000,group_id=1000', true],
    ['fuse', 'rw,allow_other,user_id=100000', true],
    // Whose it is is not told: not trusted.
    ['fuse.odd', 'rw', true],
    ['fuse.glusterfs', 'rw,user_id=0,group_id=0,allow_other', false],
    ['fuseblk', 'rw,user_id=0,group_id=0', false],
    ['ext4', 'rw,user_id=1000', false],
    ['virtiofs', 'rw', false],
    ['overlay', 'rw,lowerdir=/a,upperdir=/b', false],
    ['nfs4', 'rw,hard', false],
  ])('%s with %s: %s', (type, options, expected) => {
    expect(isServedByUser({ id: 1, device: '0:1', mountPoint: '/', type, options })).toBe(expected)
  })

  it.each([
    ['fuse.stranger', 'rw,user_id=0,group_id=0', true],
    ['overlay', 'ro,lowerdir=f:e,userxattr', true],
    ['tmpfs', 'rw', false],
    ['ext4', 'rw', false],
  ])('%s with %s of a user namespace: %s', (type, options, expected) => {
    const mount = { id: 1, device: '0:1', mountPoint: '/', type, options, isOfUserNamespace: true }
    expect(isServedByUser(mount)).toBe(expected)
  })
})
