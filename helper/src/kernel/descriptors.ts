// /proc/<pid>/fd: the open descriptors of a process, one link each.
import { openSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { type KernelRoot, liveKernel, processPath } from './kernel-root.ts'

/** As the open flag of open(2): names a file and opens nothing of it. No driver, FIFO, lease or file server is asked. */
export const O_PATH = 0o10000000

/** Longest path of a contract's value. */
const maxLinkLength = 4096

/**
 * Numbers of the descriptors, in no order. Needs the right to trace the process. Throws errors of node:fs: ENOENT where
 * it has ended.
 */
export function listDescriptors(root: KernelRoot, pid: number): string[] {
  return readdirSync(processPath(root, pid, 'fd'))
}

/**
 * How many descriptors are open, without listing them. undefined: this kernel does not tell (before Linux 6.2).
 * Throws errors of node:fs: ENOENT where it has ended.
 */
export function countDescriptors(root: KernelRoot, pid: number): number | undefined {
  return statSync(processPath(root, pid, 'fd')).size || undefined
}

/** Where a descriptor leads, as the process sees it. Throws errors of node:fs: ENOENT where it is closed. */
export function readDescriptorLink(root: KernelRoot, pid: number, fd: string): string {
  return readlinkSync(processPath(root, pid, 'fd', fd)).slice(0, maxLinkLength)
}

/** Where a descriptor of this process leads. */
export function readOwnDescriptorLink(fd: number): string {
  return readlinkSync(ownDescriptorPath(fd)).slice(0, maxLinkLength)
}

/**
 * A descriptor of ours that names what a descriptor of the process is open on; the caller closes it.
 * Throws errors of node:fs: ENOENT where the descriptor is closed or the process has ended.
 */
export function pinDescriptor(root: KernelRoot, pid: number, fd: string): number {
  return openSync(processPath(root, pid, 'fd', fd), O_PATH)
}

/** Opens what a descriptor of this process names; the caller closes it. Throws errors of node:fs. */
export function reopenOwnDescriptor(fd: number, flags: number): number {
  return openSync(ownDescriptorPath(fd), flags)
}

/** A path of this process that leads to what the descriptor is open on. */
export function ownDescriptorPath(fd: number): string {
  return processPath(liveKernel, 'self', 'fd', String(fd))
}
