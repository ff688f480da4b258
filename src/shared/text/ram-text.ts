// A guest's RAM in words, the same in every terminal and on every screen.
import type { AssessedGuest } from '../contract/guests.ts'
import { formatBytes } from '../units.ts'

/** The memory that can be plugged in addition; undefined: none, or none that is known. Pure. */
export function describePluggable({
  pluggableBytes,
}: Pick<AssessedGuest, 'pluggableBytes'>): string | undefined {
  return pluggableBytes === undefined ? undefined : `${formatBytes(pluggableBytes)} can be plugged`
}

/** Size of the RAM that figures of an assessment cover, with the blocks beside it. Pure. */
export function describeAssessedRam({
  ramBytes,
  otherBlocksBytes,
}: Pick<AssessedGuest, 'ramBytes' | 'otherBlocksBytes'>): string {
  const others = otherBlocksBytes && ` and ${formatBytes(otherBlocksBytes)} of video memory and ROMs`
  return `${formatBytes(ramBytes)} RAM${others || ''}`
}

/** Its RAM, and what can be plugged in addition. Pure. */
export function describeRam(guest: Pick<AssessedGuest, 'ramBytes' | 'pluggableBytes'>): string {
  return [formatBytes(guest.ramBytes), describePluggable(guest)]
    .filter((part) => part !== undefined)
    .join(', ')
}
