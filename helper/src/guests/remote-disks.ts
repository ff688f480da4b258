// Why the page cache holds nothing of some of a guest's disks: they are no files or block devices of this host.
import type { Reason } from '../../../src/shared/contract/quantity.ts'
import type { Guest } from './guests.ts'
import { namesAnyDisk, remoteDiskDrivers } from './qemu-command-line.ts'

/** One line at most. `hasImages`: images of the guest were found, or could not be looked at, which is said elsewhere. */
export function explainRemoteDisks({ args }: Pick<Guest, 'args'>, hasImages: boolean): Reason[] {
  const drivers = remoteDiskDrivers(args)
  if (drivers.length === 0 && (hasImages || !namesAnyDisk(args))) return []
  const whose = hasImages ? 'some of its disks' : 'its disks'
  const which = drivers.length === 0 ? '' : ` (${drivers.join(', ')})`
  const text = `${whose} are not files or devices of this host${which}: the page cache holds nothing of them`
  return [{ code: 'no-local-disk', text: text.slice(0, 1024) }]
}
