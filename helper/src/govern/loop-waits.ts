// How the loop waits: what must not wait for the next look is done in the meantime. That is the reserve, ksmd's budget, and the
// ends of a burst and of haste.
import { setImmediate } from 'node:timers/promises'
import { asProblem } from '../../../src/shared/problem.ts'
import { burstRateFor, isBudgetUsedUp, noteUsed } from '../policies/ksm-budget.ts'
import { followBurst } from '../policies/ksm-burst.ts'
import { ruleOfBurst } from '../policies/ksm-governor.ts'
import { dropHaste, isHasteUsedUp, isHasty } from '../policies/ksm-haste.ts'
import type { KsmState } from '../policies/ksm-state.ts'
import type { GovernedHost } from './governed-host.ts'
import type { GovernOptions, LoopState } from './loop-state.ts'

/** The reserve for broken merges, ksmd's budget, and what is left for haste, are looked at this often between rounds. */
const betweenSeconds = 0.5
/** During a burst KSM's counters are read this often. */
const burstLookSeconds = 0.05

type WaitingHost = Pick<GovernedHost, 'nowSeconds' | 'readKsmdCpu' | 'applyKsm'>
type WaitingState = Pick<LoopState, 'ksm'>
type Waiting = Pick<
  GovernOptions,
  'policy' | 'dryRun' | 'once' | 'signal' | 'sleep' | 'reserve' | 'onFailure'
>

/** Ends haste that goes on: without looks nobody sees when it is over. */
export async function stopHurrying(
  host: WaitingHost,
  state: WaitingState,
  { onFailure }: Pick<Waiting, 'onFailure'>,
): Promise<void> {
  if (!isHasty(state.ksm)) return
  state.ksm = dropHaste(state.ksm, host.nowSeconds())
  try {
    await stopScanning(host, state)
  } catch (error) {
    onFailure(asProblem(error, 'cannot put ksmd to rest'))
  }
}

/** Whether ksmd scans for haste or a burst: its budget is looked at between rounds, too. */
export function isScanning(
  { ksm }: WaitingState,
  { dryRun, once }: Pick<Waiting, 'dryRun' | 'once'>,
): boolean {
  return isHasty(ksm) || (ksm.burst !== undefined && ksm.rate !== undefined && !dryRun && !once)
}

/** During a burst KSM's counters are read between rounds, so that scanning ends as soon as it is realised. */
export async function waitForRound(
  host: WaitingHost & Pick<GovernedHost, 'readBurst'>,
  state: WaitingState,
  waitSeconds: number,
  options: Waiting,
): Promise<void> {
  const { signal, sleep, policy } = options
  const { ksm } = state
  if (ksm.burst === undefined || isHasty(ksm) || options.dryRun)
    return waitBetween(host, state, waitSeconds, options)
  const until = host.nowSeconds() + waitSeconds
  let checkAt = host.nowSeconds() + betweenSeconds
  while (!signal.aborted && host.nowSeconds() < until) {
    await sleep(Math.min(burstLookSeconds, waitSeconds), signal)
    if (signal.aborted || (await options.reserve?.checkReserve())) return
    if (host.nowSeconds() >= checkAt) {
      await keepToBudget(host, state, options)
      checkAt = host.nowSeconds() + betweenSeconds
    }
    const { burst }: KsmState = state.ksm
    if (burst === undefined) return
    const { progress, end } = followBurst(burst.progress, await host.readBurst(), ruleOfBurst(policy.ksm))
    // The next round sees the same end, says so and goes on from there.
    if (end !== undefined) return stopScanning(host, state)
    state.ksm = { ...state.ksm, burst: { ...burst, progress } }
  }
}

/** Until the time is over, or a round is due since guests need the reserve: they can write faster than rounds come. */
export async function waitBetween(
  host: WaitingHost,
  state: WaitingState,
  waitSeconds: number,
  options: Waiting,
): Promise<void> {
  const { signal, sleep, reserve } = options
  const until = host.nowSeconds() + waitSeconds
  for (;;) {
    const leftSeconds = until - host.nowSeconds()
    if (signal.aborted || leftSeconds <= 0) return
    const isWatched = reserve !== undefined || isScanning(state, options)
    await sleep(isWatched ? Math.min(betweenSeconds, leftSeconds) : leftSeconds, signal)
    if (signal.aborted) return
    // A round that has begun to act is followed by others at the pace of looks.
    if (await reserve?.checkReserve()) return
    await keepToBudget(host, state, options)
  }
}

/** What `work` resolves to. In the meantime ksmd scans for no longer than it may, however long the work takes. */
export async function whileScanning<T>(
  host: WaitingHost,
  state: WaitingState,
  options: Waiting,
  work: Promise<T>,
): Promise<T> {
  if (!isScanning(state, options)) return work
  const done = new AbortController()
  const signal = AbortSignal.any([options.signal, done.signal])
  const worked = work.finally(() => done.abort())
  // Its failure is told by the await below.
  worked.catch(() => undefined)
  await setImmediate()
  try {
    while (!signal.aborted && isScanning(state, options)) {
      await options.sleep(betweenSeconds, signal)
      if (!signal.aborted) await keepToBudget(host, state, options)
    }
  } catch (error) {
    // The next look must not run beside this one.
    await worked.catch(() => undefined)
    throw error
  }
  return worked
}

/** Ends haste that is used up. In a burst ksmd pauses once its budget is used up, and the next look goes on from there. */
async function keepToBudget(host: WaitingHost, state: WaitingState, options: Waiting): Promise<void> {
  if (!isScanning(state, options)) return
  const seen = { atSeconds: host.nowSeconds(), ksmdCpuSeconds: await host.readKsmdCpu() }
  const { budget, rate } = state.ksm
  const { ksm: policy } = options.policy
  const noted = noteUsed(policy, budget, rate, seen)
  if (isHasty(state.ksm)) {
    if (!isHasteUsedUp(policy, state.ksm, seen)) return
    state.ksm = { ...state.ksm, budget: noted }
    // Where this fails the round has failed: ksmd is told again then.
    await stopScanning(host, state)
    state.ksm = dropHaste(state.ksm, seen.atSeconds)
  } else if (isBudgetUsedUp(budget, rate, seen)) {
    const left = burstRateFor(policy, noted)
    await host.applyKsm([{ kind: 'scan', ...left }])
    state.ksm = { ...state.ksm, budget: noted, rate: left }
  }
}

async function stopScanning(host: WaitingHost, state: WaitingState): Promise<void> {
  await host.applyKsm([{ kind: 'stop' }])
  state.ksm = { ...state.ksm, rate: undefined }
}
