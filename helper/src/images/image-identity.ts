// What makes an image that image: never its path, which other mount namespaces, links and time give to other files.
import { readDiskSequence } from '../kernel/block-device.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { FileStatus } from '../kernel/statx.ts'

/**
 * `8:1:1234@1732900000.5`: device of the file system, inode, and time of birth, since inodes are used again.
 * `block 253:3@17`: number of a block device, and how many disks the kernel had seen before it (Linux >= 5.15).
 * Without `@` where the file system keeps no time of birth, or the kernel does not count disks.
 */
export function identityOf(root: KernelRoot, status: FileStatus): string {
  const generation = status.kind === 'block-device' ? readDiskSequence(root, status.standsFor) : status.bornAt
  return generation === undefined ? openFileKey(status) : `${openFileKey(status)}@${generation}`
}

/** Tells files apart that are open at the same time: an inode in use is not used again. */
export function openFileKey({ kind, device, inode, standsFor }: FileStatus): string {
  return kind === 'block-device' ? `block ${standsFor}` : `${device}:${inode}`
}

/** Of an identity: the key without its generation. */
export function keyOfIdentity(id: string): string {
  return id.split('@', 1)[0] ?? id
}

/** The disk `major:minor` that a file lies on, or that a block device is. */
export function diskOfImage(id: string): string {
  return /(\d+:\d+)/.exec(id)?.[1] ?? id
}

/** The file system that a file lies on, or the block device: they count cached pages alike. */
export function deviceOfImage(id: string): string {
  return /^(block )?\d+:\d+/.exec(id)?.[0] ?? id
}
