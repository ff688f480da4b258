// Why the page cache holds nothing of some of a guest's disks: they are no files or block devices of this host.
import type { Reason } from '../../../src/shared/contract/quantity.ts'
import type { Guest } from './guests.ts'
import { deviceDrivers, namesAnyDisk, remoteDiskDrivers } from './qemu-command-line.ts'

/** One line for each cause. `hasImages`: images of the guest were found, or could not be looked at, which is said elsewhere. */
export function explainRemoteDisks({ args }: Pick<Guest, 'args'>, hasImages: boolean): Reason[] {
  return [...explainServedDisks(args), ...explainDrivers(args, hasImages)]
}

/** Devices whose disks are opened by another process: qemu-storage-daemon, SPDK, virtiofsd, the kernel's vhost-scsi. */
const servedDevice = /^vhost-(user-(blk|scsi|fs)|scsi)/

function explainServedDisks(args: readonly string[]): Reason[] {
  const devices = [...new Set(deviceDrivers(args).filter((driver) => servedDevice.test(driver)))]
  if (devices.length === 0) return []
  const text = `another program serves disks of it (${devices.join(', ')}): what the page cache holds of them is not looked at`
  return [{ code: 'no-local-disk', text: text.slice(0, 1024) }]
}

function explainDrivers(args: readonly string[], hasImages: boolean): Reason[] {
  const drivers = remoteDiskDrivers(args)
  if (drivers.length === 0 && (hasImages || !namesAnyDisk(args))) return []
  const whose = hasImages ? 'some of its disks' : 'its disks'
  const which = drivers.length === 0 ? '' : ` (${drivers.join(', ')})`
  const text = `${whose} are not files or devices of this host${which}: the page cache holds nothing of them`
  return [{ code: 'no-local-disk', text: text.slice(0, 1024) }]
}
