// The facts of a host that head every document.
import { hostname, release } from 'node:os'
import type { HostFacts } from '../../src/shared/contract/assessment.ts'
import type { KernelRoot } from './kernel-root.ts'
import { pageSize } from './libc.ts'
import { readMeminfo } from './procfs/meminfo.ts'

export async function readHostFacts(root: KernelRoot): Promise<HostFacts> {
  const meminfo = await readMeminfo(root)
  return {
    hostname: hostname(),
    kernel: release(),
    pageSize,
    memTotalBytes: meminfo.memTotalBytes,
    memAvailableBytes: meminfo.memAvailableBytes,
  }
}
