// What a reader of the result must know that the figures do not say. Pure.
import type { Experiment } from '../../shared/contract/index.ts'
import { validPairs } from './schedule.ts'

/** Sentences, the most general first. */
export function caveatsOf({
  plan,
  hosts,
  endedAt,
}: Pick<Experiment, 'plan' | 'hosts' | 'endedAt'>): string[] {
  const phases = hosts.flatMap((host) => host.phases)
  const invalid = phases.filter(({ state }) => state === 'invalid').length
  const lost = hosts.reduce((sum, host) => sum + plan.pairs - validPairs(host).length, 0)
  return [
    'It speaks of these guests under the load of this time. Another load may answer otherwise.',
    'A load that swings with a period of three to six phases can pass for a difference: where one is likely, ask again with phases of another length.',
    plan.cold
      ? 'Each phase begins with an empty page cache of images, which is not how a host runs: it says how a policy does from there.'
      : 'Each phase begins with caches as the phase before it left them; the warm-up is what lets them settle.',
    ...(plan.arms.some(({ policy }) => policy?.ksm.mode === 'govern')
      ? [
          'What KSM has merged under one arm stays merged under the other, so memory differs less than it would for good.',
        ]
      : []),
    ...givenUp(hosts),
    ...(invalid > 0
      ? [`${invalid} of ${phases.length} phases were not valid, and are shown with their reason.`]
      : []),
    ...(lost > 0 && endedAt !== undefined
      ? [`${lost} of ${plan.pairs * hosts.length} pairs are missing.`]
      : []),
    ...(hosts.length > 1
      ? [
          'The verdict is about these hosts. The interval over hosts says what others like them may expect, and is wide for few hosts.',
        ]
      : []),
    'Metrics other than the primary one are for orientation: the verdict does not rest on them.',
  ]
}

const mostNamed = 20

/** An unconfirmed host may still be as a policy left it: nobody reads the list of phases for that. */
function givenUp(hosts: Experiment['hosts']): string[] {
  const lost = hosts.filter(({ state }) => state === 'refused' || state === 'unconfirmed')
  const lines = lost.slice(0, mostNamed).map(({ name, state, detail = 'it ended' }) => {
    const why = detail.slice(0, 1024)
    return state === 'unconfirmed'
      ? `${name}: ${why}. Whether everything was put back there could not be confirmed.`
      : `${name} was given up: ${why}.`
  })
  return lost.length > mostNamed
    ? [...lines, `${lost.length - mostNamed} more hosts were given up or could not be confirmed.`]
    : lines
}
