// Whether memory is short, and from which potential on a burst then pays. Pure.
import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import type { KsmBudget } from './ksm-budget.ts'
import type { KsmObservation } from './ksm-observation.ts'

/** While guests are at work a huge page is worth so much more than while they idle. */
const busyHugePageFactor = 5

/**
 * Whether memory is short: by pressure, or by what is available on the host without the image cache, or in the control
 * group that guests share. Pressure that the kernel does not report counts as none.
 */
export function isMemoryShort(policy: KsmPolicy, memory: KsmObservation['memory']): boolean {
  if (memory.pressureRatio !== undefined && memory.pressureRatio >= policy.pressureRatio) return true
  return leavesTooLittle(policy, memory, 0)
}

/** Whether one more guest, as large as the largest of these, would leave too little. */
export function isMemoryTight(policy: KsmPolicy, { memory, guests }: KsmObservation): boolean {
  const largest = guests.reduce((most, { residentBytes }) => Math.max(most, residentBytes), 0)
  return isMemoryShort(policy, memory) || leavesTooLittle(policy, memory, largest)
}

function leavesTooLittle(policy: KsmPolicy, memory: KsmObservation['memory'], bytes: number): boolean {
  const { totalBytes, availableBytes, imageCacheBytes, group } = memory
  const ofHost = { limitBytes: totalBytes, availableBytes: availableBytes - imageCacheBytes }
  return [ofHost, ...(group === undefined ? [] : [group])].some(
    (room) => room.availableBytes - bytes < policy.lowMemoryRatio * room.limitBytes,
  )
}

/**
 * Potential in bytes from which a burst pays. Huge pages are the price: where many would be split, it must bring
 * more, most of all while guests are at work in them.
 */
export function startThresholdBytes(policy: KsmPolicy, { isBusy }: KsmBudget, seen: KsmObservation): number {
  const resident = seen.guests.reduce((sum, guest) => sum + guest.residentBytes, 0)
  const small = Math.max(policy.startPotentialBytes, policy.startPotentialRatio * resident)
  if (isMemoryShort(policy, seen.memory)) return small * policy.pressureThresholdRatio
  const hugePageRatio = policy.hugePageRatio * (isBusy ? busyHugePageFactor : 1)
  return Math.max(small, hugePageRatio * (seen.memory.hugePageBytes ?? 0))
}
