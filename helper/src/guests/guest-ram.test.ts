import { describe, expect, it } from 'vitest'
import type { Mapping } from '../kernel/smaps.ts'
import { explainRam, findOtherMergeable, findRam, toRamMapping } from './guest-ram.ts'

const MIB = 2 ** 20

function mapping(sizeMiB: number, flags: string, over: Partial<Mapping> = {}): Mapping {
  const base = {
    permissions: 'rw-p',
    device: '0:0',
    inode: 0,
    name: '',
    anonHugePagesBytes: 0,
    anonymousBytes: 0,
  }
  return { start: 0, end: sizeMiB * MIB, flags: new Set(flags.split(' ')), ...base, ...over }
}

const ram = mapping(256, 'rd wr dc mg')
const video = mapping(16, 'rd wr dc mg')
const heap = mapping(512, 'rd wr', { name: '[heap]' })
const translations = mapping(1024, 'rd wr ex', { permissions: 'rwxp' })

describe('findRam', () => {
  it.each([
    ['RAM beside video memory and heap', [heap, video, ram], [ram]],
    ['the largest where all are small', [video, mapping(1, 'rd wr dc')], [video]],
    [
      'the largest anonymous one where none is marked',
      [heap, mapping(300, 'rd wr')],
      [mapping(300, 'rd wr')],
    ],
    ['no device memory', [mapping(256, 'rd wr dc pf io'), ram], [ram]],
    ['nothing in nothing', [], []],
  ])('finds %s', (_what, mappings, expected) => {
    expect(findRam(mappings)).toEqual(expected)
  })

  it('does not take translated code for RAM', () => {
    expect(findRam([translations, ram])).toEqual([ram])
  })
})

describe('findOtherMergeable', () => {
  const rom = mapping(2, 'rd wr dc mg')
  const mergedHeap = mapping(8, 'rd wr mg', { name: '[heap]' })
  it.each<[string, Mapping[], Mapping[]]>([
    ['video memory and ROMs', [heap, video, ram, rom], [video, rom]],
    ['all that the process offers', [mergedHeap, ram], [mergedHeap]],
    ['nothing that KSM may not merge', [mapping(16, 'rd wr dc'), translations, ram], []],
    [
      'no file and no shared memory',
      [mapping(2, 'rd wr dc mg', { inode: 7 }), mapping(2, 'rd wr sh mg'), ram],
      [],
    ],
    ['nothing that cannot be read', [mapping(2, 'mg', { permissions: '---p' }), ram], []],
    ['the RAM itself only once', [video], []],
  ])('finds %s', (_what, mappings, expected) => {
    expect(findOtherMergeable(mappings, findRam(mappings))).toEqual(expected)
  })
})

describe('explainRam', () => {
  it.each([
    ['mg', ram, true, []],
    ['no mg', mapping(256, 'dc'), false, ['mem-merge-off']],
    ['shared', mapping(256, 'dc sh', { inode: 7 }), false, ['shared-ram']],
    ['hugetlb', mapping(256, 'dc ht mg', { inode: 7 }), false, ['hugetlb-ram']],
    ['private file', mapping(256, 'dc mg', { inode: 7 }), true, ['file-backed-ram']],
    ['huge pages', mapping(256, 'dc mg', { anonHugePagesBytes: MIB }), true, ['huge-pages']],
  ])('knows RAM with %s', (_what, one, mergeable, codes) => {
    expect(toRamMapping(one).mergeable).toBe(mergeable)
    expect(explainRam([one]).map(({ code }) => code)).toEqual(codes)
  })
})
