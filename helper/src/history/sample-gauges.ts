// The gauges of a host that metrics.ts lists as sampled, each from its kernel file.
import type { SampledGauges } from '../../../src/shared/contract/metrics.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { Meminfo } from '../kernel/meminfo.ts'

/** What this kernel does not report is absent. */
export async function sampleGauges(_root: KernelRoot, meminfo: Meminfo): Promise<SampledGauges> {
  const { dirtyBytes, anonBytes, anonHugeBytes } = meminfo
  return { dirtyBytes, anonBytes, anonHugeBytes }
}
