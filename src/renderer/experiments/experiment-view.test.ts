import { expect, it } from 'vitest'
import type { ExperimentPhase } from '../../shared/contract/index.ts'
import { spanOf } from './experiment-view.ts'

const phase: ExperimentPhase = { pair: 0, attempt: 0, arm: 0, state: 'measuring', startedAt: 1000 }

it.each([
  ['under way', phase, 5000, [1000, 5000]],
  ['measured', { ...phase, measuredFrom: 2000, endedAt: 4000 }, 5000, [2000, 4000]],
  ['under way as the clock is set back', phase, 400, [1000, 1000]],
  ['ended by a clock that was set back', { ...phase, measuredFrom: 2000, endedAt: 500 }, 600, [2000, 2000]],
])('the span of a phase that is %s', (_, of, now, [from, to]) => {
  expect(spanOf(of, now)).toMatchObject({ from, to })
})
