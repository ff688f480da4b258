import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  listLimits,
  parseGroupCache,
  readLeftOfGroups,
  readLimitedGroups,
  readSharedLimit,
  readSharedRooms,
} from './cache-limit.ts'
import { maxGroupDepth } from './group-pressure.ts'

const scopes = ['web', 'db'].map(
  (name, index) => `/machine.slice/machine-qemu\\x2d${index + 1}\\x2d${name}.scope`,
)
const [web = '', db = ''] = scopes

describe('parseGroupCache', () => {
  it.each([
    // cgroup v1: its own pages first, then with those below it.
    ['cache 9\nactive_file 1\ninactive_file 2\ntotal_inactive_file 20\ntotal_active_file 10\n', 30],
    // cgroup v2 counts the groups below in any case.
    ['anon 5\nfile 90\ninactive_file 40\nactive_file 2\n', 42],
    ['anon 5\n', undefined],
    ['', undefined],
  ])('reads %j', (text, bytes) => {
    expect(parseGroupCache(text)).toBe(bytes)
  })
})

describe('limits of guests', () => {
  let root: { readonly proc: string; readonly sys: string }
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'limits-'))
    root = { proc: join(folder, 'proc'), sys: join(folder, 'sys') }
  })
  afterEach(() => rmSync(dirname(root.proc), { recursive: true }))

  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${text}\n`)
  }
  const guest = (pid: number, group: string) => write(join(root.proc, `${pid}/cgroup`), `0::${group}`)
  const limit = (group: string, limitBytes: number | 'max', usedBytes: number) => {
    write(join(root.sys, 'fs/cgroup', group, 'memory.max'), `${limitBytes}`)
    write(join(root.sys, 'fs/cgroup', group, 'memory.current'), `${usedBytes}`)
    write(join(root.sys, 'fs/cgroup', group, 'memory.stat'), 'inactive_file 3\nactive_file 4')
  }

  it('of their own groups are added up, and bound no further guest', async () => {
    guest(1, `${web}/libvirt/emulator`)
    guest(2, db)
    for (const scope of scopes) limit(scope, 100, 60)
    expect(await readLimitedGroups(root, [1, 2])).toEqual({
      ...{ groups: scopes, limitBytes: 200, usedBytes: 120, cacheBytes: 14 },
    })
    expect(await readSharedLimit(root, [1, 2])).toBeUndefined()
    // Nor does the group of the only one.
    expect(await readSharedLimit(root, [1])).toBeUndefined()
  })

  it('of one guest are those of all groups around it', async () => {
    guest(1, `${web}/libvirt/emulator`)
    limit(web, 100, 60)
    limit('/machine.slice', 300, 290)
    expect(await listLimits(root, 1)).toEqual([
      { groups: [web], limitBytes: 100, usedBytes: 60, cacheBytes: 7 },
      { groups: ['/machine.slice'], limitBytes: 300, usedBytes: 290, cacheBytes: 7 },
    ])
    expect(await listLimits(root, 2)).toEqual([])
  })

  it.each(['/machine/qemu-1-web.libvirt-qemu', `/docker/${'5e'.repeat(32)}`, '/kubepods/pod01234567-89ab/x'])(
    'of one guest are told by the name of its group: %s',
    async (group) => {
      guest(1, group)
      limit(group, 100, 60)
      expect(await readSharedLimit(root, [1])).toBeUndefined()
      guest(2, group)
      expect(await readSharedLimit(root, [1, 2])).toMatchObject({ groups: [group] })
    },
  )

  it('of a group around all of them bind the next one, the one with the least left first', async () => {
    guest(1, web)
    guest(2, db)
    for (const scope of scopes) limit(scope, 100, 99)
    limit('/machine.slice', 300, 120)
    expect(await readSharedLimit(root, [1, 2])).toEqual({
      ...{ groups: ['/machine.slice'], limitBytes: 300, usedBytes: 120, cacheBytes: 7 },
    })
    guest(1, '/outer/inner/a')
    guest(2, '/outer/inner/b')
    limit('/outer', 300, 290)
    limit('/outer/inner', 200, 100)
    expect((await readSharedLimit(root, [1, 2]))?.groups).toEqual(['/outer'])
    expect((await readSharedLimit(root, [1]))?.groups).toEqual(['/outer'])
  })

  it('leave room to those who share them, and tell nothing of groups of one guest', async () => {
    guest(1, `${web}/libvirt/emulator`)
    guest(2, db)
    for (const scope of scopes) limit(scope, 100, 99)
    const unread = (line: string) => expect.fail(line)
    expect([...(await readSharedRooms(root, [1, 2], unread))]).toEqual([])
    limit('/machine.slice', 300, 120)
    // Another tenant has guests in a group of their own, and one guest has a small one for itself.
    for (const pid of [3, 4]) guest(pid, '/tenant')
    limit('/tenant', 200, 190)
    guest(5, '/alone')
    limit('/alone', 50, 50)
    const [machine, tenant] = [
      { limitBytes: 300, availableBytes: 187 },
      { limitBytes: 200, availableBytes: 17 },
    ]
    expect([...(await readSharedRooms(root, [1, 2, 3, 4, 5, 9], unread))]).toEqual([
      ...[1, 2].map((pid) => [pid, [machine]]),
      ...[3, 4].map((pid) => [pid, [tenant]]),
    ])
    expect([...(await readSharedRooms(root, [1, 3, 5], unread))]).toEqual([])
  })

  it.each([
    ['their own ones', { [web]: 40, [db]: 30 }, 70],
    ['one around all of them, where it has less left', { [web]: 40, [db]: 30, '/machine.slice': 5 }, 5],
    [
      'their own ones, where the one around them has more left',
      { [web]: 4, [db]: 3, '/machine.slice': 50 },
      7,
    ],
    ['one around some of them', { [web]: 40, [db]: 30, '/tenants': 100, '/tenants/a': 8 }, 78],
    ['the outermost', { [web]: 40, [db]: 30, '/tenants': 5, '/tenants/a': 8, '/tenants/b': 9 }, 75],
    ['a group of which one has more than its limit', { [web]: -5, [db]: 30 }, 25],
  ])('leave what %s allow', async (_name, left, expected) => {
    guest(1, `${web}/libvirt/emulator`)
    guest(2, db)
    for (const [group, bytes] of Object.entries(left)) limit(group, 1000, 1000 - bytes)
    const tenants = Object.keys(left).some((group) => group.startsWith('/tenants'))
    // Of two guests in one group the second is in no group of its own.
    if (tenants)
      for (const [pid, group] of [
        [3, '/tenants/a/x'],
        [4, '/tenants/a'],
      ] as const)
        guest(pid, group)
    if ('/tenants/b' in left) guest(5, '/tenants/b')
    expect(await readLeftOfGroups(root, tenants ? [1, 2, 3, 4, 5] : [1, 2, 9])).toBe(expected)
  })

  it('are none where one guest has none, and are not lost by one that has ended', async () => {
    guest(1, '/guests')
    limit('/guests', 100, 60)
    guest(2, '/elsewhere')
    limit('/elsewhere', 'max', 10)
    for (const read of [readLimitedGroups, readSharedLimit]) {
      expect(await read(root, [1, 2])).toBeUndefined()
      expect((await read(root, [1, 3]))?.limitBytes).toBe(100)
      expect(await read(root, [3])).toBeUndefined()
      expect(await read(root, [])).toBeUndefined()
    }
  })

  it('are the innermost, and no deeper than groups are looked at', async () => {
    const limitOf = async (group: string) => {
      guest(7, group)
      return (await readLimitedGroups(root, [7]))?.limitBytes
    }
    const deep = '/g'.repeat(maxGroupDepth)
    limit('/g', 100, 1)
    limit(`${deep}/g`, 50, 1)
    expect(await limitOf('/g/g')).toBe(100)
    expect(await limitOf(`${deep}/g`)).toBe(100)
    limit(deep, 70, 1)
    expect(await limitOf(`${deep}/g`)).toBe(70)
    expect(await limitOf('/../g')).toBeUndefined()
  })
})
