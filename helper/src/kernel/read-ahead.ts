// How far the kernel reads ahead of a reader on a disk. Source: Documentation/ABI/testing/sysfs-class-bdi.
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

/** Of disks as "major:minor": the most of them. Undefined: the kernel tells of none. */
export async function readReadAheadBytes(
  root: KernelRoot,
  disks: Iterable<string>,
): Promise<number | undefined> {
  let most: number | undefined
  for (const disk of new Set(disks)) {
    // A partition has the setting of its disk; `join` would take the way up before the link is followed.
    const text =
      (await readIfThere(join(root.sys, 'class/bdi', disk, 'read_ahead_kb'))) ??
      (await readIfThere(`${root.sys}/dev/block/${disk}/../bdi/read_ahead_kb`))
    const kib = Number(text?.trim() || Number.NaN)
    if (Number.isSafeInteger(kib)) most = Math.max(most ?? 0, kib * 1024)
  }
  return most
}
