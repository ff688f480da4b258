import { expect, it } from 'vitest'
import { formatSuite } from './format-suite.ts'
import { formatGoals } from './goals.ts'
import { rangeOfRatios } from './medians.ts'
import { misses } from './misses.ts'
import type { PolicyName } from './policies.ts'
import type { Run } from './run-window.ts'
import type { WorkloadName } from './workload-names.ts'

function run(round: number, workload: WorkloadName, policy: PolicyName, more: Partial<Run> = {}): Run {
  return {
    ...{
      round,
      workload,
      policy,
      iops: 1000,
      p99Ms: 1,
      hitRatio: 0.3,
      cacheMiB: 300,
      cacheEndMiB: 300,
      imagesEndMiB: 300,
    },
    ...{ diskMiB: 10, helperCpu: 0, ksmdCpu: 0, otherCpu: 0, evictedMiB: 0, returnedMiB: 0, ...more },
  }
}

const kernel = [1, 2, 3].map((round) => run(round, 'b', 'none', { iops: 1000 * round }))
const adaptive = (iops: number, hitRatio: number) =>
  [1, 2, 3].map((round) => run(round, 'b', 'adaptive', { iops: iops * round, hitRatio, helperCpu: 0.04 }))

it('says which goals were reached, and nothing of those that were not measured', () => {
  const text = formatGoals([...kernel, ...adaptive(2500, 0.95)])
  expect(text).toContain('| 0.30 → 0.95: 3.17x | reached |')
  expect(text).toContain('| 2.50x, by round 2.50x to 2.50x | reached |')
  expect(text).not.toMatch(/missed|reclaim|NaN/)
})

it('sets the reason beside a goal that was missed', () => {
  const text = formatGoals([...kernel, ...adaptive(1500, 0.6), run(1, 'b', 'oracle', { iops: 3000 })])
  expect(text).toContain('| 1.50x, by round 1.50x to 1.50x (an oracle: 1.50x) | **missed** |')
  expect(text).toContain(`- ${misses.operations}`)
  expect(text).toContain(`- ${misses.hits}`)
  expect(text).not.toContain(misses.harm)
})

it('tells beside the operations of (b) what slower storage makes of them, and takes harm done there in', () => {
  const slow = [
    run(1, 'b500', 'none', { iops: 1000 }),
    run(1, 'b500', 'adaptive', { iops: 2500 }),
    run(1, 'b500', 'oracle', { iops: 3000 }),
    run(1, 'b150', 'none', { iops: 1000 }),
    run(1, 'b150', 'adaptive', { iops: 900 }),
  ]
  const text = formatGoals([...kernel, ...adaptive(2500, 0.95), ...slow])
  expect(text).toContain(
    'to 2.50x; at 500 reads/s 2.50x (an oracle: 3.00x); at 150 reads/s 0.90x | reached |',
  )
  expect(text).toContain("least 0.90x in (b) on storage of 150 reads/s, a disk's | **missed** |")
})

it('compares policies within a round, as only those read in the same order', () => {
  const ours = [run(1, 'a', 'adaptive', { iops: 900 }), run(3, 'a', 'adaptive', { iops: 4000 })]
  const alone = [run(1, 'a', 'none'), run(2, 'a', 'none', { iops: 1 }), run(3, 'a', 'none', { iops: 2000 })]
  expect(rangeOfRatios([...ours, ...alone], 'a', ['adaptive', 'none'], 'iops')).toEqual([0.9, 2])
})

it('reports what there is, also of a sitting that was cut short', () => {
  const text = formatSuite([run(1, 'f', 'none'), run(1, 'f', 'reclaim', { imagesEndMiB: 3 })])
  expect(text).toContain('300.0 → 3.0 MiB: 100x | reached')
  expect(text).not.toMatch(/NaN|undefined|Infinity/)
})
