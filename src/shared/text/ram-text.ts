// A guest's RAM in words, the same in every terminal and on every screen.
import type { AssessedGuest } from '../contract/guests.ts'
import { formatBytes } from '../units.ts'

/** What it could be given beside; undefined: nothing that is known of. */
export function describePluggable({
  pluggableBytes,
}: Pick<AssessedGuest, 'pluggableBytes'>): string | undefined {
  return pluggableBytes === undefined ? undefined : `${formatBytes(pluggableBytes)} can be plugged`
}

export function describeRam(guest: Pick<AssessedGuest, 'ramBytes' | 'pluggableBytes'>): string {
  return [formatBytes(guest.ramBytes), describePluggable(guest)]
    .filter((part) => part !== undefined)
    .join(', ')
}
