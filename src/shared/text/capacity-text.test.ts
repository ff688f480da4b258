import { expect, it } from 'vitest'
import type { CapacityScenario } from '../contract/capacity.ts'
import { headlineOf } from './capacity-text.ts'

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
