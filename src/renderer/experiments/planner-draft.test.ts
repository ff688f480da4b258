import { expect, it } from 'vitest'
import { fakePlan } from '../../../test/fakes/fake-experiment.ts'
import { experimentOrder } from '../../shared/contract/index.ts'
import { draftOf, emptyDraft, knownArm, orderOf } from './planner-draft.ts'

it('asks the same question again, in the figures that were typed', () => {
  const { hostIds: _, ...plan } = fakePlan({ marginRatio: 0.07, metric: 'memory' })
  const draft = draftOf({ ...plan, hostIds: ['gone'] }, [])
  expect([draft.hostIds, draft.marginPercent, draft.pressurePercent]).toEqual([[], 7, 20])
  const { seed: __, ...question } = plan
  const order = orderOf({ ...draft, hostIds: ['h1'] }, plan.arms)
  expect(experimentOrder.parse(order)).toEqual({ ...question, hostIds: ['h1'] })
})

it('knows no arm by a name that every object has', () => {
  expect(knownArm(emptyDraft, 'constructor')).toBeUndefined()
  expect(knownArm(draftOf(fakePlan(), []), 'adaptive')?.policy?.scrub.mode).toBe('adaptive')
})
