// Whether memory is short, and from which potential on a burst then pays. Pure.
import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import type { KsmBudget } from './ksm-budget.ts'
import type { GovernedGuest, KsmObservation, MemoryRoom } from './ksm-observation.ts'

/** While guests are at work a huge page is worth so much more than while they idle. */
const busyHugePageFactor = 5

/**
 * Whether memory is short: by pressure, or by what is available without the image cache. Pressure that the kernel
 * does not report counts as none. Pure.
 */
export function isMemoryShort(policy: KsmPolicy, memory: KsmObservation['memory']): boolean {
  if (memory.pressureRatio !== undefined && memory.pressureRatio >= policy.pressureRatio) return true
  return leavesTooLittle(policy, roomOfHost(memory), 0)
}

/**
 * Whether so many bytes more would leave too little of what binds this guest: the host's memory, or a control group that it
 * shares with another guest. Pressure does not count: it may be that of guests elsewhere. Pure.
 */
export function isShortFor(
  policy: KsmPolicy,
  memory: KsmObservation['memory'],
  { rooms = [] }: Pick<GovernedGuest, 'rooms'>,
  bytes: number,
): boolean {
  return [roomOfHost(memory), ...rooms].some((room) => leavesTooLittle(policy, room, bytes))
}

/** The page cache of images is not free. */
function roomOfHost({ totalBytes, availableBytes, imageCacheBytes }: KsmObservation['memory']): MemoryRoom {
  return { limitBytes: totalBytes, availableBytes: availableBytes - imageCacheBytes }
}

function leavesTooLittle(policy: KsmPolicy, { limitBytes, availableBytes }: MemoryRoom, bytes: number) {
  return availableBytes - bytes < policy.lowMemoryRatio * limitBytes
}

/**
 * Potential in bytes from which a burst pays. Huge pages are the price: where many would be split, it must bring
 * more, most of all while guests are at work in them. Pure.
 */
export function startThresholdBytes(policy: KsmPolicy, { isBusy }: KsmBudget, seen: KsmObservation): number {
  const resident = seen.guests.reduce((sum, guest) => sum + guest.residentBytes, 0)
  const small = Math.max(policy.startPotentialBytes, policy.startPotentialRatio * resident)
  if (isMemoryShort(policy, seen.memory)) return small * policy.pressureThresholdRatio
  const hugePageRatio = policy.hugePageRatio * (isBusy ? busyHugePageFactor : 1)
  return Math.max(small, hugePageRatio * (seen.memory.hugePageBytes ?? 0))
}
