import { expect, it } from 'vitest'
import { parseExtents } from './place-files.ts'

const MIB = 2 ** 20
// As debugfs 1.47 prints them: a file in one piece, and one of a group's size, whose pieces are listed below an index.
const printed = `debugfs: cd /files/own
debugfs: write /var/tmp/image.empty 01.bin
Allocated inode: 14
debugfs: fallocate 01.bin 0 2047
debugfs: set_inode_field 01.bin size 8388608
debugfs: dump_extents 01.bin
Level Entries         Logical           Physical Length Flags
 0/ 0   1/  1     0 -  2047   8192 -  10239   2048 Uninit
debugfs: dump_extents big.bin
Level Entries           Logical             Physical Length Flags
 0/ 1   1/  1     0 - 40959  33281            40960
 1/ 1   1/  2     0 - 32767  34816 -  67583  32768 
 1/ 1   2/  2 32768 - 40959  67584 -  75775   8192 
`

it('says where the blocks of a file lie', () => {
  expect(parseExtents(printed, { name: '01.bin', bytes: 8 * MIB })).toEqual([
    { logical: 0, physical: 8192, blocks: 2048 },
  ])
  expect(parseExtents(printed, { name: 'big.bin', bytes: 160 * MIB })).toEqual([
    { logical: 0, physical: 34_816, blocks: 32_768 },
    { logical: 32_768, physical: 67_584, blocks: 8192 },
  ])
})

it.each([
  ['01.bin', 9 * MIB, /8388608 of 9437184 bytes have a place/],
  ['missing.bin', MIB, /0 of 1048576 bytes have a place/],
])('refuses %s', (name, bytes, why) => {
  expect(() => parseExtents(printed, { name, bytes })).toThrow(why)
})
