// How a phase ends that cannot be measured: for itself, or for its host.
import type { PhaseFault } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'

/** It makes no sense to go on with this host. */
export class HostEnd extends Error {
  readonly state: 'refused' | 'unconfirmed'

  constructor(state: 'refused' | 'unconfirmed', message: string) {
    super(message)
    this.state = state
  }
}

/** This phase is void; its pair may be tried again. */
export class PhaseBroken extends Problem {
  readonly fault: PhaseFault

  constructor(fault: PhaseFault, message: string) {
    super('system', message)
    this.fault = fault
  }
}
