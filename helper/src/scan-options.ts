// What every long scan of a host is given.
import type { Progress } from '../../src/shared/contract/quantity.ts'
import type { KernelRoot } from './kernel-root.ts'

export interface ScanOptions {
  readonly root: KernelRoot
  readonly signal: AbortSignal
  readonly reportProgress: (progress: Progress) => void
  /** Absent: found by trying. `entries` reads /proc/<pid>/pagemap itself, as kernels before 6.7 need it. */
  readonly presentBy?: 'scan' | 'entries'
}
