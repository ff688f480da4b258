// A booted Debian with systemd, for tests of what is installed as a service.
import { isRoot } from '../is-root.ts'
import { upLab } from './lab.ts'
import type { GuestLogin, RealGuestOptions } from './real-guest.ts'

/** Why a file of such tests cannot run here; undefined when it can. They take minutes, so they run where asked for. */
export function whyNoSystemdGuest(minutes: string): string | undefined {
  if (!isRoot) return 'a Debian guest in a lab needs root'
  if (process.env.SINGLETON_TEST_SYSTEMD === '1') return undefined
  return `it takes ${minutes} minutes under emulation: SINGLETON_TEST_SYSTEMD=1 asks for it`
}

/**
 * Boots it in a lab of its own in `dir`, which the caller takes down; how root logs in. Throws where it does not boot. KSM
 * of this machine leaves its RAM alone: what runs inside is looked at.
 */
export async function upSystemdGuest(
  dir: string,
  guest: Pick<RealGuestOptions, 'ramMiB' | 'cpu'>,
): Promise<GuestLogin> {
  const lab = await upLab({ dir, hosts: [{ guests: [{ size: 'real', memMerge: false, ...guest }] }] })
  const login = lab.hosts[0]?.guests[0]?.login
  if (login === undefined) throw new Error(`cannot log into the guest of the lab in ${dir}: it has no login`)
  return login
}
