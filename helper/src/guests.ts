// Guests: QEMU processes of this host, also those in other PID and mount namespaces.
import { Problem } from '../../src/shared/problem.ts'
import type { KernelRoot } from './kernel-root.ts'

export interface Guest {
  readonly pid: number
  readonly name: string
  /** Command line of its process. */
  readonly args: readonly string[]
}

/** Cheap: reads a link and a command line per process, no memory map. */
export async function listGuests(_root: KernelRoot): Promise<Guest[]> {
  throw new Problem('not-supported', 'cannot list guests: not built yet')
}
