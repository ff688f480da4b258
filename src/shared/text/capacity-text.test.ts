import { expect, it } from 'vitest'
import type { CapacityScenario } from '../contract/capacity.ts'
import { describeWorst, headlineOf } from './capacity-text.ts'

const scenario = (guests: CapacityScenario['guests'], endsFirst?: CapacityScenario['endsFirst']) =>
  ({ guests, endsFirst }) as CapacityScenario

it.each([
  [
    { kind: 'known', best: 6.4, low: 3, high: 7 },
    'memory',
    '6 (3 to 7) more guests like these, limited by memory',
  ],
  [{ kind: 'known', best: 1, low: 1, high: 1 }, 'cpu', '1 more guest like these, limited by processors'],
  [{ kind: 'known', best: 2, low: 2, high: 2 }, undefined, '2 more guests like these'],
  [
    { kind: 'not-known', because: 'no guest runs' },
    undefined,
    'More guests like these: not known because no guest runs',
  ],
] as const)('answers %j', (guests, endsFirst, sentence) => {
  expect(headlineOf({}, scenario(guests, endsFirst))).toBe(sentence)
})

it.each([
  [0, 0, 'everything still fits'],
  [
    0,
    2 ** 30,
    'everything still fits; once the guests that fit run, 1 GiB are missing 4 s later at the earliest',
  ],
  [
    2 ** 29,
    2 ** 30,
    '512 MiB are missing 2 s later at the earliest; once the guests that fit run, 1 GiB are missing 4 s later at the earliest',
  ],
  [2 ** 29, 2 ** 29, '512 MiB are missing 2 s later at the earliest'],
])('says of a saving with %i bytes missing, and %i once it is spent', (now, spent, expected) => {
  const known = (best: number) => ({ kind: 'known', best, low: best, high: best }) as const
  const gone = (missing: number, seconds: number) =>
    missing > 0 ? known(seconds) : ({ kind: 'no-limit', because: 'it fits' } as const)
  const badDay = {
    worstMissing: known(now),
    worstSeconds: gone(now, 2),
    filled: { missing: known(spent), rateSeconds: gone(spent, 9), worstSeconds: gone(spent, 4) },
  }
  expect(describeWorst(badDay as CapacityScenario['badDay'])).toBe(
    `if all merged pages break at once, ${expected}`,
  )
})
