// /proc/uptime
import { join } from 'node:path'
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

/** Seconds since boot, of a monotonic clock that counts suspension, too. */
export async function readUptimeSeconds(root: KernelRoot): Promise<number> {
  return parseUptimeSeconds((await readIfThere(join(root.proc, 'uptime'))) ?? '')
}

/** The first field. Throws where it is no number. */
export function parseUptimeSeconds(text: string): number {
  const seconds = Number.parseFloat(text)
  if (!Number.isFinite(seconds)) throw new Problem('system', 'cannot read /proc/uptime: it has no number')
  return seconds
}
