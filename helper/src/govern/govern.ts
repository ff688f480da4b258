// The loop: look, plan, act, say why; until it is told to stop.
import { setImmediate } from 'node:timers/promises'
import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { planKsm } from '../policies/ksm-governor.ts'
import { isHasty } from '../policies/ksm-haste.ts'
import type { KsmPlan } from '../policies/ksm-state.ts'
import { planScrub, type ScrubPlan } from '../policies/scrub-plan.ts'
import { areContentsDue } from './contents-due.ts'
import { mayMeasure, nextLookSeconds } from './cpu-budget.ts'
import type { GovernedHost, Seen } from './governed-host.ts'
import { beginLoop, type GovernOptions, type LoopState } from './loop-state.ts'
import { isScanning, stopHurrying, waitBetween, waitForRound, whileScanning } from './loop-waits.ts'
import type { Round } from './round.ts'

/** KSM is looked at this often: during a burst, haste and while one more guest might not fit, and else. */
const burstSeconds = 1
const restSeconds = 5
/** This many rounds in a row may fail, the wait after each included. */
const patience = 5

/** Returns when the signal is aborted, or after one round if asked. Throws what fails five times in a row. */
export async function govern(host: GovernedHost, options: GovernOptions): Promise<void> {
  const state = beginLoop()
  try {
    await runRounds(host, state, options)
  } finally {
    // Whatever has ended it, and also where what was changed is left for another run.
    await stopHurrying(host, state, options)
  }
}

async function runRounds(host: GovernedHost, state: LoopState, options: GovernOptions): Promise<void> {
  let failures = 0
  while (!options.signal.aborted) {
    try {
      const waitSeconds = await runRound(host, state, options)
      if (options.once) return
      await waitForRound(host, state, waitSeconds, options)
      failures = 0
    } catch (error) {
      if (options.signal.aborted) return
      const problem = asProblem(error, 'cannot govern')
      failures += 1
      if (options.once || failures >= patience || problem.code === 'internal') throw problem
      options.onFailure(problem)
      await stopHurrying(host, state, options)
      await waitToRetry(host, state, options, problem)
    }
  }
}

/** After `failed`. What fails in the meantime is said, and no further round. */
async function waitToRetry(
  host: GovernedHost,
  state: LoopState,
  options: GovernOptions,
  failed: Problem,
): Promise<void> {
  const until = host.nowSeconds() + restSeconds
  try {
    await waitBetween(host, state, restSeconds, options)
  } catch (error) {
    if (options.signal.aborted) return
    const problem = asProblem(error, 'cannot govern')
    if (problem.code === 'internal') throw problem
    if (problem.message !== failed.message) options.onFailure(problem)
    await options.sleep(Math.max(0, until - host.nowSeconds()), options.signal)
  }
}

/** Returns how long to wait for the next round. */
async function runRound(host: GovernedHost, state: LoopState, options: GovernOptions): Promise<number> {
  const measuredCpuSeconds = await measureWhenDue(host, state, options)
  const waitSeconds = await lookAndAct(host, state, options, { mayLookAtKsm: true, measuredCpuSeconds })
  // A guest has booted, or a burst has ended: what it left is to be known at once.
  return state.measureAsked && mayMeasureNow(state, host.nowSeconds()) ? 0 : waitSeconds
}

interface LookKind {
  readonly mayLookAtKsm: boolean
  readonly measuredCpuSeconds: number | undefined
}

/** Returns how long to wait for the next look. */
async function lookAndAct(
  host: GovernedHost,
  state: LoopState,
  options: GovernOptions,
  { mayLookAtKsm, measuredCpuSeconds }: LookKind,
): Promise<number> {
  const cpuBefore = host.cpuSeconds()
  const nowSeconds = host.nowSeconds()
  const only = watched(state, nowSeconds)
  if (only === undefined) state.wholeLookAt = nowSeconds
  const looksAtKsm = options.reserve?.isActing === true || (mayLookAtKsm && isKsmDue(state, nowSeconds))
  const newcomers = looksAtKsm && state.ksm.haste.isTight
  const looking = host.observe({ ksm: looksAtKsm, newcomers, ...withValue({ only }) })
  const seen = await whileScanning(host, state, options, looking)
  const planned = planScrub(options.policy.scrub, state.scrub, seen.scrub)
  const scrub = (await options.reserve?.guardScrub(planned, seen)) ?? planned
  const plannedKsm = seen.ksm === undefined ? undefined : planKsm(ksmPolicyOf(options), state.ksm, seen.ksm)
  const ksm = options.reserve === undefined ? plannedKsm : options.reserve.guardKsm(plannedKsm)
  // Also where acting fails: haste that may have begun is to end.
  if (ksm !== undefined && isHasty(ksm.state)) state.ksm = { ...state.ksm, haste: ksm.state.haste }
  const actedOn = await act(host, scrub, ksm, options)
  const givenBack = await giveBack(host, ksm, options)
  state.scrub = scrub.state
  state.watch = scrub.watch
  if (ksm !== undefined) {
    state.ksm = ksm.state
    state.ksmLook = { atSeconds: seen.scrub.atSeconds, seen: seen.ksm, plan: { ...ksm, actions: [] } }
    if (ksm.actions.some(({ kind }) => kind === 'measure')) state.measureAsked = true
  }
  const shown = ksm === undefined ? { ...seen, ...ksmOf(state) } : seen
  options.onRound({
    ...{ seen: shown, scrub, evicted: actedOn },
    ...withValue({ ksm: ksm ?? state.ksmLook?.plan, measuredCpuSeconds, givenBack }),
    ...withValue({ broken: options.reserve?.broken }),
  })
  const wishedSeconds = Math.min(scrub.nextSeconds, ksmSeconds(state))
  // Giving back has a budget of its own.
  const lookCpuSeconds = host.cpuSeconds() - cpuBefore - (givenBack?.cpuSeconds ?? 0)
  return nextLookSeconds(wishedSeconds, lookCpuSeconds)
}

/** What changes nothing hurries for nobody. */
function ksmPolicyOf({ policy, dryRun, once }: GovernOptions): KsmPolicy {
  const isDry = dryRun || once || policy.scrub.guards.dryRun
  return isDry ? { ...policy.ksm, bootHasteSeconds: 0 } : policy.ksm
}

/** How often KSM is looked at. */
function ksmSeconds({ ksm }: LoopState): number {
  return ksm.burst !== undefined || isHasty(ksm) || ksm.haste.isTight ? burstSeconds : restSeconds
}

/** undefined: a look at everything is due. */
function watched({ watch, wholeLookAt }: LoopState, nowSeconds: number): ReadonlySet<string> | undefined {
  if (watch === undefined || nowSeconds - wholeLookAt >= 0.9 * watch.wholeSeconds) return undefined
  return watch.images
}

/** Scrubbing takes more rounds than KSM needs, and looking at KSM is half of what a round costs. */
function isKsmDue(state: LoopState, nowSeconds: number): boolean {
  const { ksmLook } = state
  return ksmLook === undefined || nowSeconds - ksmLook.atSeconds >= 0.9 * ksmSeconds(state)
}

/** Haste lasts for seconds, and a measurement reads all memory: it waits. */
function mayMeasureNow({ ksm, measured }: LoopState, nowSeconds: number): boolean {
  return !isHasty(ksm) && mayMeasure(measured, nowSeconds)
}

function ksmOf({ ksmLook }: LoopState): Pick<Seen, 'ksm'> {
  return withValue({ ksm: ksmLook?.seen })
}

/** Before the look, so that both policies see what was measured. Returns what it cost; undefined: not measured. */
async function measureWhenDue(
  host: GovernedHost,
  state: LoopState,
  options: GovernOptions,
): Promise<number | undefined> {
  const atSeconds = host.nowSeconds()
  const due =
    state.measureAsked || areContentsDue(options.policy, state.scrub, state.measured?.atSeconds, atSeconds)
  if (!due || !mayMeasureNow(state, atSeconds)) return undefined
  const before = host.cpuSeconds()
  await measureBeside(host, state, options)
  const cpuSeconds = host.cpuSeconds() - before
  state.measured = { atSeconds, cpuSeconds }
  state.measureAsked = false
  state.ksm = { ...state.ksm, lastMeasureSeconds: atSeconds }
  return cpuSeconds
}

/** A measurement that takes longer no longer holds up looks: a stream would take the cache in the meantime. */
const measureAloneSeconds = 3

/**
 * Adaptive needs no contents for streams, and goes on looking, at once while nothing was measured: the first measurement of a
 * large host takes minutes. What a preview shows, and other modes do, rests on what is measured. The reserve is looked at in any
 * case, and so is ksmd where it scans: it must end in time.
 */
async function measureBeside(host: GovernedHost, state: LoopState, options: GovernOptions): Promise<void> {
  const { policy, dryRun, once, reserve, signal } = options
  const looksOn = policy.scrub.mode === 'adaptive' && !dryRun && !once
  if (!looksOn && reserve === undefined && !isScanning(state, options)) return host.measure(signal)
  const [done, cut] = [new AbortController(), new AbortController()]
  const waiting = AbortSignal.any([signal, done.signal])
  const measuring = host.measure(AbortSignal.any([signal, cut.signal])).finally(() => done.abort())
  // Its failure is told by the await below.
  measuring.catch(() => undefined)
  await setImmediate()
  let waitSeconds = state.measured === undefined ? 0 : measureAloneSeconds
  try {
    while (!waiting.aborted) {
      const quietSeconds = looksOn || isHasty(state.ksm) ? waitSeconds : Number.POSITIVE_INFINITY
      await waitBetween(host, state, quietSeconds, { ...options, signal: waiting })
      if (waiting.aborted) break
      const mayLookAtKsm = isHasty(state.ksm) || (looksOn && ksmSeconds(state) === burstSeconds)
      const kind = { mayLookAtKsm, measuredCpuSeconds: undefined }
      waitSeconds = await lookAndAct(host, state, options, kind)
    }
  } catch (error) {
    // The next round begins another, which must not run beside it.
    cut.abort(new Problem('cancelled', 'a look during the measurement failed'))
    await measuring.catch(() => undefined)
    throw error
  }
  await measuring
}

async function act(
  host: GovernedHost,
  scrub: ScrubPlan,
  ksm: KsmPlan | undefined,
  options: GovernOptions,
): Promise<Round['evicted']> {
  if (options.dryRun || options.signal.aborted) return []
  const changes = ksm?.actions.filter(({ kind }) => kind !== 'measure' && kind !== 'give-back') ?? []
  if (changes.length > 0 && !options.once) await host.applyKsm(changes)
  if (scrub.readBackPages > 0 && !scrub.dryRun) await host.readBack(scrub.readBackPages)
  if (scrub.actions.length === 0 || scrub.dryRun) return []
  const evicted = await host.evict(scrub.actions)
  options.reserve?.noteEvicted(evicted)
  return evicted
}

async function giveBack(
  host: GovernedHost,
  ksm: KsmPlan | undefined,
  { dryRun, once, signal }: GovernOptions,
): Promise<Round['givenBack']> {
  const asked = ksm?.actions.find((action) => action.kind === 'give-back')
  if (asked === undefined || dryRun || once || signal.aborted) return undefined
  return host.giveBack(asked.seconds, signal)
}
