import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readMountId } from '../kernel/fdinfo.ts'
import { liveKernel } from '../kernel/kernel-root.ts'
import { MountTable } from '../kernel/mount-table.ts'
import { lookUp } from './look-up.ts'

describe('lookUp', () => {
  let folder: string
  const mounts = new MountTable(liveKernel)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'singleton-look-up-'))
    mkdirSync(join(folder, 'pool/deep'), { recursive: true })
    writeFileSync(join(folder, 'pool/deep/disk.raw'), 'x')
    symlinkSync('pool/deep', join(folder, 'relative'))
    symlinkSync(`${folder}/relative/../deep/disk.raw`, join(folder, 'absolute'))
    symlinkSync('loop', join(folder, 'loop'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it.each(['pool/deep/disk.raw', 'relative/disk.raw', 'absolute', './pool//../relative/./disk.raw'])(
    'finds %s as the kernel does',
    (path) => {
      const fd = lookUp(`${folder}/${path}`, mounts)
      try {
        expect(fstatSync(fd ?? -1).ino).toBe(statSync(`${folder}/${path}`).ino)
      } finally {
        closeSync(fd ?? -1)
      }
    },
  )

  it.each([
    ['missing/disk.raw', 'ENOENT'],
    ['pool/deep/disk.raw/below', 'ENOTDIR'],
    ['loop', 'ELOOP'],
    ['x'.repeat(300), 'ENAMETOOLONG'],
  ])('fails on %s with %s', (path, code) => {
    expect(() => lookUp(`${folder}/${path}`, mounts)).toThrow(expect.objectContaining({ code }))
  })

  it('goes no further where a user serves the file system', () => {
    const asked: (number | undefined)[] = []
    const served = {
      mountOf: (_: number, { mountId }: { mountId?: number | undefined }) => {
        asked.push(mountId)
        return { id: 1, device: '0:9', mountPoint: '/', type: 'fuse.theirs', options: 'user_id=1000' }
      },
    } as unknown as MountTable
    expect(lookUp(join(folder, 'pool/deep/disk.raw'), served)).toBeUndefined()
    expect(asked).toEqual([expect.any(Number)])
  })

  it('leaves no descriptor behind', () => {
    const fd = lookUp(folder, mounts) ?? -1
    closeSync(fd)
    expect(() => lookUp(`${folder}/none`, mounts)).toThrow('ENOENT')
    const next = lookUp(folder, mounts) ?? -1
    expect([next, typeof readMountId(next)]).toEqual([fd, 'number'])
    closeSync(next)
  })
})
