import { describe, expect, it } from 'vitest'
import { parseMappedFiles } from './mapped-files.ts'

const text = `55e0-55f0 r-xp 00000000 fe:00 1183 /usr/bin/qemu-system-x86_64
7f00-7f80 rw-s 00000000 00:0f 77 /dev/hugepages/libvirt/qemu/3-web/ram (deleted)
7f80-7f90 rw-p 00000000 00:00 0
7f90-7fa0 rw-s 00000000 103:00005 9 /mnt/a path with spaces
7fa0-7fb0 rw-p 00000000 00:00 0 [heap]`

describe('parseMappedFiles', () => {
  it('lists files by device and inode, and by path, and no anonymous memory', () => {
    expect(parseMappedFiles(text)).toEqual({
      files: new Set(['254:0:1183', '0:15:77', '259:5:9']),
      paths: new Set([
        '/usr/bin/qemu-system-x86_64',
        '/dev/hugepages/libvirt/qemu/3-web/ram (deleted)',
        '/mnt/a path with spaces',
      ]),
    })
  })
})
