import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diskOfImage } from '../images/image-identity.ts'
import { parseMemoryGroup, readCacheLimitBytes } from '../kernel/cache-limit.ts'
import { compareDisks, parseDiskstats } from '../kernel/storage.ts'
import { mayMeasure, nextLookSeconds } from './cpu-budget.ts'

const MiB = 1024 * 1024

describe('the memory control group of a process', () => {
  it.each([
    ['9:name=systemd:/\n4:memory:/a/b\n0::/\n', { path: '/a/b', isUnified: false }],
    ['5:cpu,memory:/x:y\n', { path: '/x:y', isUnified: false }],
    ['0::/machine.slice/guest\n', { path: '/machine.slice/guest', isUnified: true }],
    ['', undefined],
  ])('%j', (text, expected) => {
    expect(parseMemoryGroup(text)).toEqual(expected)
  })
})

describe('how large the image cache may grow', () => {
  const memory = { availableBytes: 1000 * MiB, imageCacheBytes: 100 * MiB }
  it.each([
    [
      'no limit: what is available',
      '0::/guests\n',
      { 'guests/memory.max': 'max', 'guests/memory.current': '1' },
      1000,
    ],
    [
      'what the other memory of the group leaves',
      '0::/guests/one\n',
      {
        'guests/memory.max': String(500 * MiB),
        'guests/memory.current': String(400 * MiB),
        'guests/one/memory.max': 'max',
      },
      200,
    ],
    [
      'what a tighter group around it leaves',
      '0::/guests/one\n',
      {
        'guests/memory.max': String(500 * MiB),
        'guests/memory.current': String(450 * MiB),
        'guests/one/memory.max': String(400 * MiB),
        'guests/one/memory.current': String(100 * MiB),
      },
      150,
    ],
    [
      'cgroup v1',
      '4:memory:/g\n',
      {
        'memory/g/memory.limit_in_bytes': String(300 * MiB),
        'memory/g/memory.usage_in_bytes': String(300 * MiB),
      },
      100,
    ],
    [
      'cgroup v1 without a limit',
      '4:memory:/g\n',
      { 'memory/g/memory.limit_in_bytes': '9223372036854771712', 'memory/g/memory.usage_in_bytes': '1' },
      1000,
    ],
  ])('%s', async (_name, cgroup, files, expectedMiB) => {
    const folder = mkdtempSync(join(tmpdir(), 'govern-figures-'))
    const root = { proc: join(folder, 'proc'), sys: join(folder, 'sys') }
    const write = (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    try {
      write(join(root.proc, '7/cgroup'), cgroup)
      write(join(root.proc, '8/cgroup'), '0::/without\n')
      for (const [file, text] of Object.entries(files)) write(join(root.sys, 'fs/cgroup', file), `${text}\n`)
      expect(await readCacheLimitBytes(root, memory, [7])).toBe(expectedMiB * MiB)
      expect(await readCacheLimitBytes(root, memory, [7, 8])).toBe(1000 * MiB)
      // The one that has ended is no guest without a limit.
      expect(await readCacheLimitBytes(root, memory, [7, 9])).toBe(expectedMiB * MiB)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('storage under images', () => {
  const line = (reads: number, readMs: number, busyMs: number) =>
    ` 254       0 vda ${reads} 1 2 ${readMs} 5 6 7 8 0 ${busyMs} 11 0 0 0 0 0 0\n`

  it('takes latency and business from two readings', () => {
    const [before, now] = [parseDiskstats(line(100, 1000, 50)), parseDiskstats(line(110, 1050, 550))]
    expect(compareDisks(before, now, ['254:0', '254:0', '8:1'], 2)).toEqual({
      readLatencySeconds: expect.closeTo(0.005),
      storageBusyRatio: 0.25,
      storageReads: 10,
    })
  })

  it('reports no latency without reads, and nothing of unknown disks', () => {
    const reading = parseDiskstats(line(100, 1000, 50))
    expect(compareDisks(reading, reading, ['254:0'], 1)).toEqual({ storageBusyRatio: 0, storageReads: 0 })
    expect(compareDisks(reading, reading, ['0:33'], 1)).toEqual({})
    expect(parseDiskstats('nonsense\n')).toEqual(new Map())
  })

  it.each([
    ['254:0:1234@1732900000.5', '254:0'],
    ['block 8:17', '8:17'],
    ['block 259:773@12', '259:773'],
  ])('finds the disk of %s', (id, disk) => {
    expect(diskOfImage(id)).toBe(disk)
  })
})

describe('the governor within its budget', () => {
  it('looks less often when a look is dear', () => {
    expect(nextLookSeconds(1, 0.005)).toBe(1)
    expect(nextLookSeconds(1, 0.2)).toBeCloseTo(5)
  })

  it('spaces measurements by their cost', () => {
    expect(mayMeasure(undefined, 5)).toBe(true)
    expect(mayMeasure({ atSeconds: 0, cpuSeconds: 1 }, 19)).toBe(false)
    expect(mayMeasure({ atSeconds: 0, cpuSeconds: 1 }, 20)).toBe(true)
  })
})
