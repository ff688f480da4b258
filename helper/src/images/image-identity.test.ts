import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { deviceOfImage, diskOfImage, identityOf, keyOfIdentity } from './image-identity.ts'

const file = {
  kind: 'file',
  device: '0:50',
  inode: '18446744073709551615',
  standsFor: '0:0',
  sizeBytes: 1,
  linkCount: 1,
  uid: 0,
  gid: 0,
  mode: 0o644,
} as const
const disk = { ...file, kind: 'block-device', device: '0:6', inode: '93', standsFor: '253:3' } as const

describe('the identity of an image', () => {
  let root: KernelRoot
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'singleton-identity-'))
    root = { proc: folder, sys: folder }
  })
  afterEach(() => rmSync(root.sys, { recursive: true }))

  it('is device, inode and time of birth of a file', () => {
    expect(identityOf(root, { ...file, bornAt: '1732900000.5' })).toBe(
      '0:50:18446744073709551615@1732900000.5',
    )
  })

  it('tells a file apart that was given the inode of one that was deleted', () => {
    const ids = ['1.1', '2.1'].map((bornAt) => identityOf(root, { ...file, bornAt }))
    expect(ids[0]).not.toBe(ids[1])
    expect(keyOfIdentity(ids[0] ?? '')).toBe(keyOfIdentity(ids[1] ?? ''))
  })

  it('is device and inode where the file system keeps no time of birth', () => {
    expect(identityOf(root, file)).toBe('0:50:18446744073709551615')
  })

  it('is the number of a block device, whatever node leads to it, and its sequence', () => {
    expect(identityOf(root, disk)).toBe('block 253:3')
    mkdirSync(join(root.sys, 'dev/block/253:3'), { recursive: true })
    writeFileSync(join(root.sys, 'dev/block/253:3/diskseq'), '17\n')
    expect(identityOf(root, disk)).toBe('block 253:3@17')
    expect(identityOf(root, { ...disk, device: '0:70', inode: '1' })).toBe('block 253:3@17')
  })

  it.each([
    ['8:1:1234@1.5', '8:1', '8:1'],
    ['block 253:3@17', 'block 253:3', '253:3'],
  ])('%s lies on %s', (id, device, number) => {
    expect(deviceOfImage(id)).toBe(device)
    expect(diskOfImage(id)).toBe(number)
  })
})
