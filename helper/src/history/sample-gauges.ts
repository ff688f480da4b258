// The gauges of a host that metrics.ts lists as sampled, each from its kernel file.
import type { SampledGauges } from '../../../src/shared/contract/metrics.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { Meminfo } from '../kernel/meminfo.ts'
import { readPressure } from '../kernel/pressure.ts'

/** What this kernel does not report is absent. */
export async function sampleGauges(root: KernelRoot, meminfo: Meminfo): Promise<SampledGauges> {
  const { dirtyBytes, anonBytes, anonHugeBytes, swapTotalBytes, swapFreeBytes } = meminfo
  const memory = await readPressure(root, 'memory')
  const io = await readPressure(root, 'io')
  return {
    dirtyBytes,
    anonBytes,
    anonHugeBytes,
    swapUsedBytes: swapTotalBytes - swapFreeBytes,
    memorySomePressureRatio: memory.someRatio,
    memoryFullPressureRatio: memory.fullRatio,
    ioSomePressureRatio: io.someRatio,
    ioFullPressureRatio: io.fullRatio,
  }
}
