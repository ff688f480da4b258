// How much of what a policy could win it has won, from its last round. Pure.
import type { PolicyRound } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'

export interface Realised {
  readonly name: 'Merged' | 'Cached twice, evicted'
  /** Absent: not measured yet, or there was nothing to win. */
  readonly ratio?: number
  readonly text: string
}

/** The potential is what was measured last; what changed since is not in it. */
export function realisedOf({ ksm, doubleCachedBytes, evictedBytes, returnedBytes }: PolicyRound): Realised[] {
  const gone = Math.max(0, evictedBytes - returnedBytes)
  return [
    ksm === undefined
      ? { name: 'Merged', text: 'not reported by this kernel' }
      : realise('Merged', ksm.mergedBytes, ksm.potentialBytes, 'mergeable'),
    realise('Cached twice, evicted', gone, doubleCachedBytes, 'cached twice'),
  ]
}

function realise(
  name: Realised['name'],
  doneBytes: number,
  leftBytes: number | undefined,
  left: string,
): Realised {
  if (leftBytes === undefined)
    return { name, text: `${formatBytes(doneBytes)}; what is left was not measured yet` }
  const whole = doneBytes + leftBytes
  const text = `${formatBytes(doneBytes)} of ${formatBytes(whole)}; ${formatBytes(leftBytes)} still ${left}`
  return whole === 0 ? { name, text: `nothing is ${left}` } : { name, ratio: doneBytes / whole, text }
}
