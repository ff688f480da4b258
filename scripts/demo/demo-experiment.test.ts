import { expect, it } from 'vitest'
import { analyzeExperiment } from '../../src/main/experiments/analyze.ts'
import { fakeExperiment, fakeHost, fakePlan } from '../../test/fakes/fake-experiment.ts'
import { demoPairs, renderExperiment } from './demo-experiment.ts'

const shown = (pairs: number) => {
  const reads = Array.from({ length: pairs }, (_, pair) => [100, 150 + pair] as const)
  const experiment = fakeExperiment(fakePlan({ pairs }), [fakeHost({ reader: reads })])
  return { ...experiment, result: analyzeExperiment(experiment) }
}

it('prints each metric of a guest before and after, with its interval', () => {
  const printed = renderExperiment(shown(demoPairs))
  expect(printed).toContain('adaptive is better than off')
  expect(printed).toMatch(
    /^reader +reads\/s +[\d.,]+\/s → [\d.,]+\/s +[\d.]+x \(.*[\d.]+x to [\d.]+x, 6 pairs\)/m,
  )
})

it('says that there are too few pairs for one', () => {
  const printed = renderExperiment(shown(demoPairs - 1))
  expect(printed).toContain('5 of 5 pairs are valid, and it takes at least 6 for an interval')
  expect(printed).toMatch(/^reader +reads\/s .*\(too few pairs for an interval, 5 pairs\)/m)
})
