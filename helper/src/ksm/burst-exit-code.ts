// How the command `ksm start` tells a script what became of its burst.
import type { KsmBurst } from '../../../src/shared/contract/ksm.ts'

const exitCodes: Readonly<Record<KsmBurst['state'], number>> = {
  realised: 0,
  running: 0,
  measuring: 0,
  // 1 is a problem, 2 a command line that makes no sense.
  exhausted: 3,
  'given-up': 4,
  'not-worth-it': 5,
  stopped: 6,
  unwatched: 6,
}

/** The exit code: 0 for a burst that reached its aim or goes on; 3 to 6 say why it did not. */
export function burstExitCode(state: KsmBurst['state']): number {
  return exitCodes[state]
}
