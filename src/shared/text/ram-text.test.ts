import { expect, it } from 'vitest'
import { describeAssessedRam } from './ram-text.ts'

it.each([
  [{ ramBytes: 2 ** 30 }, '1 GiB RAM'],
  [{ ramBytes: 2 ** 30, otherBlocksBytes: 16 * 2 ** 20 }, '1 GiB RAM and 16 MiB of video memory and ROMs'],
])('describes what figures cover: %j', (guest, text) => expect(describeAssessedRam(guest)).toBe(text))
