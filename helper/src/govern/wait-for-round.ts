// The time between two rounds, and what ends it early.
import { followBurst } from '../policies/ksm-burst.ts'
import { ruleOfBurst } from '../policies/ksm-governor.ts'
import type { KsmState } from '../policies/ksm-state.ts'
import type { GovernedHost } from './governed-host.ts'
import type { GovernOptions, LoopState } from './loop-state.ts'

const burstLookSeconds = 0.05
/** The reserve for broken merges and, while memory is tight, guests that are started. */
const quietLookSeconds = 0.2

/** During a burst KSM's counters are read between rounds, so that scanning ends as soon as it is realised. */
export async function waitForRound(
  host: GovernedHost,
  state: LoopState,
  waitSeconds: number,
  options: GovernOptions,
): Promise<void> {
  const { signal, sleep, policy } = options
  if (state.ksm.burst === undefined || options.dryRun) return waitQuietly(host, state, waitSeconds, options)
  const until = host.nowSeconds() + waitSeconds
  while (!signal.aborted && host.nowSeconds() < until) {
    await sleep(Math.min(burstLookSeconds, waitSeconds), signal)
    if (signal.aborted || (await isDueAtOnce(host, state, options))) return
    const { burst }: KsmState = state.ksm
    if (burst === undefined) return
    // It goes on until guests that boot have settled, which the next look tells.
    if (burst.booting.length > 0) continue
    const { progress, end } = followBurst(burst.progress, await host.readBurst(), ruleOfBurst(policy.ksm))
    // The next round sees the same end, says so and goes on from there.
    if (end !== undefined) return host.applyKsm([{ kind: 'stop' }])
    state.ksm = { ...state.ksm, burst: { ...burst, progress } }
  }
}

/** The time between rounds without a burst, and of a measurement; ends early where a round is due at once. Throws what looks throw. */
export async function waitQuietly(
  host: GovernedHost,
  state: LoopState,
  waitSeconds: number,
  options: GovernOptions,
): Promise<void> {
  const { signal, sleep, reserve } = options
  if (reserve === undefined && !state.ksm.isTight) return sleep(waitSeconds, signal)
  const until = host.nowSeconds() + waitSeconds
  while (!signal.aborted && host.nowSeconds() < until) {
    await sleep(Math.min(quietLookSeconds, waitSeconds), signal)
    if (!signal.aborted && (await isDueAtOnce(host, state, options))) return
  }
}

/** Guests write to merged pages, and fill their memory after a start, faster than rounds come. */
async function isDueAtOnce(
  host: GovernedHost,
  state: LoopState,
  { reserve }: GovernOptions,
): Promise<boolean> {
  // A round that has begun to act is followed by others at the pace of looks.
  if (await reserve?.checkReserve()) return true
  if (state.ksm.isTight) state.hasNewcomer ||= await host.seesNewcomer()
  return state.hasNewcomer
}
