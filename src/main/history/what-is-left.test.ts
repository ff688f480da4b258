import { expect, it } from 'vitest'
import { leftAfterScrub } from './what-is-left.ts'

const totals = {
  residentBeforeBytes: 900,
  residentAfterBytes: 150,
  evictedBytes: 750,
  keptDirtyBytes: 50,
  keptUniqueBytes: 100,
}
const assessed = { doubleCachedBytes: 800, reclaimableBytes: 1000 }

it.each([
  ['all of an assessed host', assessed, true, { doubleCachedBytes: 50, reclaimableBytes: 250 }],
  ['a part of an assessed host', assessed, false, { doubleCachedBytes: 50, reclaimableBytes: 250 }],
  [
    'more than was known',
    { doubleCachedBytes: 8, reclaimableBytes: 9 },
    false,
    { doubleCachedBytes: 0, reclaimableBytes: 1 },
  ],
  ['all of a host never assessed', {}, true, { doubleCachedBytes: 50 }],
  ['a part of a host never assessed', {}, false, {}],
])('says what is left after a scrub of %s', (_, before, whole, left) => {
  expect(leftAfterScrub(before, totals, whole)).toEqual(left)
})
