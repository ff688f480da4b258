// Whether KSM may merge a guest's RAM: what the kernel says, not what QEMU was asked for.
import type { GuestMerging } from '../../../src/shared/contract/guests.ts'
import { findRam, sizeOf, toRamMapping } from '../guests/guest-ram.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readSmaps } from '../kernel/smaps.ts'

/** Needs the right to trace the process. Walks its page tables: milliseconds per GiB. */
export async function readMergeState(root: KernelRoot, pid: number): Promise<GuestMerging> {
  const ram = findRam(await readSmaps(root, pid))
  const able = ram.filter((mapping) => !mapping.flags.has('sh') && !mapping.flags.has('ht'))
  if (able.length === 0) return 'never'
  const bytes = (of: typeof able) => of.reduce((sum, mapping) => sum + sizeOf(mapping), 0)
  const mergeable = bytes(able.filter((mapping) => toRamMapping(mapping).mergeable))
  if (mergeable === 0) return 'off'
  return mergeable === bytes(able) ? 'on' : 'partly'
}
