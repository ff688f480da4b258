import { expect, it } from 'vitest'
import type { Mapping } from '../kernel/smaps.ts'
import { leaveOversizedOut, maxRamBytes } from './oversized-memory.ts'

const GIB = 2 ** 30
const TIB = 2 ** 40
const ram = (bytes: number): Mapping => ({
  ...{ start: TIB, end: TIB + bytes, permissions: 'rw-p', device: '0:0', inode: 0, name: '' },
  ...{ anonHugePagesBytes: 0, anonymousBytes: 0, flags: new Set(['dc']) },
})
const most = maxRamBytes(24 * GIB)

it('leaves the largest mapping out where a guest maps more than it can ever have, and says so', () => {
  const [large, small, other] = [ram(100 * TIB), ram(2 * GIB), ram(GIB)]
  const { within, oversized } = leaveOversizedOut([large, small, other], most)
  expect(within).toEqual(new Set([small, other]))
  expect(oversized).toBe('100 TiB are beyond the 1.09 TiB that are looked at of a guest here')
})

it('leaves nothing of a guest out that has room for a TiB more than it uses', () => {
  const mappings = [ram(64 * GIB), ram(TIB)]
  expect(leaveOversizedOut(mappings, most)).toEqual({ within: new Set(mappings) })
})

it('bounds many mappings together', () => {
  const mappings = Array.from({ length: 2000 }, () => ram(GIB))
  expect(leaveOversizedOut(mappings, most).within.size).toBe(Math.floor(most / GIB))
})
