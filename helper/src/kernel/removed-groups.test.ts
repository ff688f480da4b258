// Files of a control group that was removed after they were found: a real one of this kernel, which refuses them from then on.
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listLimits, readCacheLimitBytes, readSharedRooms } from './cache-limit.ts'
import { readGroupIoPressure } from './group-pressure.ts'
import { readGroupReads } from './group-reads.ts'
import { mayWrite } from './may-access.ts'
import { readIfThere } from './read-if-there.ts'

const mount = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/memory'].find(
  (path) => existsSync(join(path, 'cgroup.procs')) && mayWrite(join(path, 'cgroup.procs')),
)

describe.skipIf(mount === undefined)('files of a control group that was removed', () => {
  let folder: string
  let root: { readonly proc: string; readonly sys: string }
  let descriptor: number

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'removed-group-'))
    root = { proc: join(folder, 'proc'), sys: join(folder, 'sys') }
    const group = mkdtempSync(join(mount ?? '', 'removed-group-'))
    descriptor = openSync(join(group, 'cgroup.procs'), 'r')
    rmdirSync(group)
  })
  afterEach(() => {
    closeSync(descriptor)
    rmSync(folder, { recursive: true })
  })

  /** A guest in a group of which these files are found, and then refused. */
  function addGuest(pid: number, lines: string, files: readonly string[]): void {
    const write = (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    write(join(root.proc, `${pid}/cgroup`), lines)
    write(join(root.sys, 'fs/cgroup/guest/cgroup.type'), 'domain\n')
    for (const file of files) {
      const path = join(root.sys, 'fs/cgroup', file)
      mkdirSync(dirname(path), { recursive: true })
      symlinkSync(`/proc/self/fd/${descriptor}`, path)
    }
  }

  it('are as if they were not there', async () => {
    expect(await readIfThere(`/proc/self/fd/${descriptor}`)).toBeUndefined()
  })

  it('limit nothing', async () => {
    addGuest(1, '0::/guest\n', ['guest/memory.max', 'guest/memory.current', 'guest/memory.stat'])
    const memory = { availableBytes: 100, imageCacheBytes: 10 }
    expect(await readCacheLimitBytes(root, memory, [1])).toBe(100)
    expect(await listLimits(root, 1)).toEqual([])
    expect([...(await readSharedRooms(root, [1, 1], (line) => expect.fail(line)))]).toEqual([])
  })

  it('count no reads and tell no pressure', async () => {
    const throttle = 'blkio/guest/blkio.throttle.io_serviced'
    addGuest(1, '3:blkio:/guest\n0::/guest\n', ['guest/io.stat', 'guest/io.pressure', throttle])
    expect(await readGroupReads(root, [1])).toBeUndefined()
    expect(await readGroupIoPressure(root, 1)).toMatchObject({ group: '/guest', absent: expect.any(String) })
  })
})
