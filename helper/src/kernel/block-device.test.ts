import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBlockDeviceSize, readDiskSequence } from './block-device.ts'

describe('a block device', () => {
  const sys = mkdtempSync(join(tmpdir(), 'block-device-'))
  const root = { proc: '/nowhere', sys }
  const disk = join(sys, 'devices/sda')
  beforeAll(() => {
    mkdirSync(join(disk, 'sda1'), { recursive: true })
    mkdirSync(join(sys, 'dev/block'), { recursive: true })
    writeFileSync(join(disk, 'size'), '2097152\n')
    writeFileSync(join(disk, 'diskseq'), '17\n')
    writeFileSync(join(disk, 'sda1/size'), '2048\n')
    symlinkSync('../../devices/sda', join(sys, 'dev/block/8:0'))
    symlinkSync('../../devices/sda/sda1', join(sys, 'dev/block/8:1'))
  })
  afterAll(() => rmSync(sys, { recursive: true }))

  it('has a size in bytes', () => {
    expect(readBlockDeviceSize(root, '8:0')).toBe(2 ** 30)
    expect(readBlockDeviceSize(root, '8:1')).toBe(2 ** 20)
    expect(() => readBlockDeviceSize(root, '9:9')).toThrow('cannot read the size of block device 9:9')
  })

  it('has no sequence of its own where the kernel counts no disks', () => {
    expect(readDiskSequence(root, '8:0')).toBe('17')
    expect(readDiskSequence(root, '9:9')).toBeUndefined()
  })
})
