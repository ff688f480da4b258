// What a policy is likely to cost, in sentences: the same in a preview and in the plan of an experiment.
import type { Policy } from '../contract/policies.ts'

type ScrubMode = Policy['scrub']['mode']

const rereads =
  'Pages that a guest drops from its own memory soon are read from storage again: ' +
  'evicting everything double cached slows random readers down.'

const scrubCosts: Readonly<Record<ScrubMode, readonly string[]>> = {
  observe: [],
  reclaim: [rereads],
  periodic: [rereads],
  adaptive: ['Adaptive scrubbing takes up to 5 % of a core, and stops by itself when pages come back.'],
}

/** By what its modes do; empty: nothing worth naming. Pure. */
export function describePolicyCosts({ scrub, ksm }: Policy): string[] {
  if (ksm.mode !== 'govern') return [...scrubCosts[scrub.mode]]
  return [
    ...scrubCosts[scrub.mode],
    `ksmd may use ${Math.round(ksm.cpuRatio * 100)} % of one core.`,
    'Merging splits huge pages of guests, and opens a timing side channel between guests.',
  ]
}
