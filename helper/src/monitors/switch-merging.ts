// Switches one guest's merging through its monitor, and looks at the kernel whether that came about.
import type { GuestMerging } from '../../../src/shared/contract/guests.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import { spareMemory } from '../changes/unmerge-pages.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readKsmStat } from '../kernel/ksm-stat.ts'
import { readMeminfo } from '../kernel/meminfo.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readMergeState } from './merge-state.ts'
import type { Monitor } from './monitor.ts'
import { withMonitor } from './open-monitor.ts'
import { listRamObjects, type RamObject, setMerge } from './ram-objects.ts'

// Unmerging copies pages: this is for hundreds of GiB.
const switchTimeoutMs = 300_000

export interface MergeSwitch {
  readonly before: GuestMerging
  readonly after: GuestMerging
  /** How the monitor was reached, for the audit. */
  readonly via: string
}

/** What the monitor of a guest can do about its merging. Throws the Problem that keeps it out of reach. */
export async function probeMerging(root: KernelRoot, guest: Guest): Promise<{ readonly via: string }> {
  return withMonitor(root, guest, async (monitor) => {
    requireSwitchable(await listRamObjects(monitor), guest, monitor)
    return { via: monitor.via }
  })
}

/**
 * Lets KSM merge a guest's RAM or not, without a restart. Switching off gives the guest its own pages again, for
 * which the memory has to be there (`out-of-memory`). The caller journals before, audits after, and holds the lock.
 * Throws `not-applicable` where KSM could never merge it, `system` where the kernel shows no effect.
 */
export async function switchMerging(root: KernelRoot, guest: Guest, merge: boolean): Promise<MergeSwitch> {
  const before = await readMergeState(root, guest.pid)
  if (before === 'never') {
    throw new Problem(
      'not-applicable',
      `cannot switch the merging of guest ${guest.name}: its RAM is shared or in reserved huge pages`,
    )
  }
  const wanted: GuestMerging = merge ? 'on' : 'off'
  return withMonitor(root, guest, async (monitor) => {
    const { via } = monitor
    if (before === wanted) return { before, after: before, via }
    const objects = requireSwitchable(await listRamObjects(monitor), guest, monitor)
    if (!merge) await checkMemory(root, guest)
    for (const object of objects) await switchObject(monitor, object, merge)
    const after = await readMergeState(root, guest.pid)
    if (after === wanted) return { before, after, via }
    await undo(monitor, objects, merge)
    throw new Problem(
      'system',
      `cannot switch the merging of guest ${guest.name} ${wanted}: QEMU took it (${via}), but its RAM stays ${after}`,
    )
  })
}

/** QEMU acts only where the value changes, and with mem-merge=on RAM can be mergeable though the property is off. */
async function switchObject(monitor: Monitor, object: RamObject, merge: boolean): Promise<void> {
  if (object.merge === merge) await setMerge(monitor, object.path, !merge, switchTimeoutMs)
  await setMerge(monitor, object.path, merge, switchTimeoutMs)
}

async function undo(monitor: Monitor, objects: readonly RamObject[], merge: boolean): Promise<void> {
  for (const { path, merge: found } of objects) {
    if (found !== merge) await setMerge(monitor, path, found, switchTimeoutMs)
  }
}

function requireSwitchable(objects: readonly RamObject[], guest: Guest, monitor: Monitor): RamObject[] {
  const switchable = objects.filter(({ share }) => !share)
  if (switchable.length > 0) return switchable
  throw new Problem(
    'not-supported',
    `cannot switch the merging of guest ${guest.name}: its monitor (${monitor.via}) shows no RAM object, as QEMU before 5.0 does not`,
  )
}

/** ksm_merging_pages over-counts by the one page of each group that stays: on the safe side. */
async function checkMemory(root: KernelRoot, guest: Guest): Promise<void> {
  const stat = await readKsmStat(root, guest.pid)
  const neededBytes = ((stat?.mergingPages ?? 0) + (stat?.zeroPages ?? 0)) * pageSize
  const spareBytes = Math.max(0, spareMemory(await readMeminfo(root)))
  if (neededBytes <= spareBytes) return
  throw new Problem(
    'out-of-memory',
    `cannot switch off the merging of guest ${guest.name}: its merged pages need ${formatBytes(neededBytes)} ` +
      `and ${formatBytes(spareBytes)} are available`,
    { remedy: 'Free memory first: scrub the page cache, or move or shut down guests.' },
  )
}
