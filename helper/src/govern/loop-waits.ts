// How the loop waits: what must not wait for the next look is done in the meantime, the reserve and the end of haste.
import { setImmediate } from 'node:timers/promises'
import { asProblem } from '../../../src/shared/problem.ts'
import { dropHaste, isHasteUsedUp, isHasty } from '../policies/ksm-haste.ts'
import type { GovernedHost } from './governed-host.ts'
import type { GovernOptions, LoopState } from './loop-state.ts'

/** The reserve for broken merges, and what is left for haste, are looked at this often between rounds. */
const betweenSeconds = 0.5

type HastyHost = Pick<GovernedHost, 'nowSeconds' | 'readKsmdCpu' | 'applyKsm'>
type HastyState = Pick<LoopState, 'ksm'>
type Waiting = Pick<GovernOptions, 'policy' | 'signal' | 'sleep' | 'reserve' | 'onFailure'>

/** Ends haste that goes on: without looks nobody sees when it is over. */
export async function stopHurrying(
  host: HastyHost,
  state: HastyState,
  { onFailure }: Pick<Waiting, 'onFailure'>,
): Promise<void> {
  if (!isHasty(state.ksm)) return
  state.ksm = dropHaste(state.ksm, host.nowSeconds())
  try {
    await host.applyKsm([{ kind: 'stop' }])
  } catch (error) {
    onFailure(asProblem(error, 'cannot put ksmd to rest'))
  }
}

/** Until the time is over, or a round is due since guests need the reserve: they can write faster than rounds come. */
export async function waitBetween(
  host: HastyHost,
  state: HastyState,
  waitSeconds: number,
  options: Waiting,
): Promise<void> {
  const { signal, sleep, reserve } = options
  const until = host.nowSeconds() + waitSeconds
  for (;;) {
    const leftSeconds = until - host.nowSeconds()
    if (signal.aborted || leftSeconds <= 0) return
    const isWatched = reserve !== undefined || isHasty(state.ksm)
    await sleep(isWatched ? Math.min(betweenSeconds, leftSeconds) : leftSeconds, signal)
    if (signal.aborted) return
    // A round that has begun to act is followed by others at the pace of looks.
    if (await reserve?.checkReserve()) return
    await stopWhenUsedUp(host, state, options)
  }
}

/** What `work` resolves to. Haste goes on in the meantime for no longer than it may, however long the work takes. */
export async function whileHurrying<T>(
  host: HastyHost,
  state: HastyState,
  options: Waiting,
  work: Promise<T>,
): Promise<T> {
  if (!isHasty(state.ksm)) return work
  const done = new AbortController()
  const signal = AbortSignal.any([options.signal, done.signal])
  const worked = work.finally(() => done.abort())
  // Its failure is told by the await below.
  worked.catch(() => undefined)
  await setImmediate()
  while (!signal.aborted && isHasty(state.ksm)) {
    await options.sleep(betweenSeconds, signal)
    if (!signal.aborted) await stopWhenUsedUp(host, state, options)
  }
  return worked
}

async function stopWhenUsedUp(host: HastyHost, state: HastyState, options: Waiting): Promise<void> {
  if (!isHasty(state.ksm)) return
  const seen = { atSeconds: host.nowSeconds(), ksmdCpuSeconds: await host.readKsmdCpu() }
  if (isHasteUsedUp(options.policy.ksm, state.ksm, seen)) await stopHurrying(host, state, options)
}
