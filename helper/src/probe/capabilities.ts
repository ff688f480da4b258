// Capabilities of a host, found by trying, never by comparing kernel versions.
import type { Capabilities } from '../../../src/shared/contract/host-contract.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from '../kernel-root.ts'

export interface ProbedCapabilities {
  readonly capabilities: Capabilities
  /** What is missing and which privilege or kernel would bring it. */
  readonly limits: string[]
}

export async function probeCapabilities(_root: KernelRoot): Promise<ProbedCapabilities> {
  throw new Problem('not-supported', 'cannot probe: not built yet')
}
