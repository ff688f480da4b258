// /proc/stat: time of all processors, and how many there are.
import { join } from 'node:path'
import { ticksPerSecond } from '../../../src/shared/parsing/process-stat.ts'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

/** Seconds that all processors together have spent at work since boot. undefined: not reported. */
export async function readBusySeconds(root: KernelRoot): Promise<number | undefined> {
  return parseBusySeconds((await readIfThere(join(root.proc, 'stat'))) ?? '')
}

/** Processors that are online. */
export async function readProcessorCount(root: KernelRoot): Promise<number> {
  return parseProcessorCount((await readIfThere(join(root.proc, 'stat'))) ?? '')
}

/** Lines of single processors; at least one runs this. Pure. */
export function parseProcessorCount(text: string): number {
  return Math.max(1, text.match(/^cpu\d+ /gm)?.length ?? 0)
}

/**
 * User (guests' vCPUs included), nice, system, interrupts and what a hypervisor below took; idle and waiting for storage
 * left out. undefined where the line is missing or malformed. Pure.
 */
export function parseBusySeconds(text: string): number | undefined {
  const fields = /^cpu +(.+)$/m.exec(text)?.[1]?.split(' ').map(Number)
  if (fields === undefined || fields.length < 4 || !fields.every(Number.isFinite)) return undefined
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond
}
