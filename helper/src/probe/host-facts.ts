// The facts of a host that head every document.

import { hostname, release } from 'node:os'
import type { HostFacts } from '../../../src/shared/contract/assessment.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readMachine } from '../kernel/machine.ts'
import { readMeminfo } from '../kernel/meminfo.ts'
import { pageSize } from '../kernel/page-size.ts'

/** The machine and its memory. `machine` is absent where the kernel has no boot id. */
export async function readHostFacts(root: KernelRoot): Promise<HostFacts> {
  const meminfo = await readMeminfo(root)
  const machine = await readMachine(root)
  return {
    hostname: hostname(),
    kernel: release(),
    ...withValue({ machine }),
    pageSize,
    memTotalBytes: meminfo.memTotalBytes,
    memAvailableBytes: meminfo.memAvailableBytes,
  }
}
