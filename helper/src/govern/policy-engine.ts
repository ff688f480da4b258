// The one engine of a helper: previews a policy, runs it under the host's lock, and puts everything back at the end.

import { randomUUID } from 'node:crypto'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import type {
  PolicyPreview,
  PolicyRound,
  PolicyRun,
  PolicyStatus,
} from '../../../src/shared/contract/policy-runs.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { describeRest } from '../../../src/shared/text/policy-text.ts'
import { sleep } from '../../../src/shared/time/waiting.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { type Actor, checkAuditWritable } from '../changes/audit.ts'
import { auditChange, type ChangeContext } from '../changes/change.ts'
import { type LockPurpose, readHolder, withLock } from '../changes/lock.ts'
import { govern } from './govern.ts'
import { restoreFoundKsm } from './ksm-actions.ts'
import { LiveHost } from './live-host.ts'
import { asDryRun, describePolicy } from './policy-in-force.ts'
import { ReserveKeeper } from './reserve-keeper.ts'
import { newestRounds, RoundTally } from './round-tally.ts'
import { hostTimeZone, isOpenNow, runInWindows } from './run-in-windows.ts'
import { summarizePreview } from './summarize-preview.ts'

const maxRoundsKept = 200

export interface PolicyEngineParts {
  readonly context: ChangeContext
  readonly mode: PolicyRun['mode']
  /** Each round, for all sessions that are connected. */
  readonly onRound: (round: PolicyRound) => void
  /** What it begins or rests from, in sentences: nothing is wrong. */
  readonly say: (line: string) => void
}

export interface PolicyStart {
  /** Who asked for it; absent: whoever this process works for. */
  readonly actor?: Actor
  /** Goes on with what an earlier run has changed: its journal stays and is put back at the end of this one. */
  readonly adopts?: boolean
}

interface Running {
  readonly run: PolicyRun
  /** Set before `stop` is aborted: what was changed stays as it is, with its journal, for the run that adopts it. */
  readonly ending: { keeps: boolean }
  readonly stop: AbortController
  /** Resolves when everything is put back; never rejects. */
  readonly ended: Promise<void>
}

interface UnderLock {
  readonly runId: string
  readonly adopts: boolean
  readonly signal: AbortSignal
}

export class PolicyEngine {
  readonly #parts: PolicyEngineParts
  #running: Running | undefined
  #ended: string | undefined

  constructor(parts: PolicyEngineParts) {
    this.#parts = parts
  }

  /** Throws `busy`, naming who runs what since when, where this host is changed by someone else or runs a policy. */
  async start(policy: Policy, { actor, adopts = false }: PolicyStart = {}): Promise<PolicyStatus> {
    const context = { ...this.#parts.context, ...withValue({ actor }) }
    if (this.#running !== undefined) throw alreadyRunning(this.#running.run)
    const held = Promise.withResolvers<void>()
    const stop = new AbortController()
    const ending = { keeps: false }
    const run: PolicyRun = {
      id: randomUUID(),
      policy,
      mode: this.#parts.mode,
      since: wallClock(),
      who: context.actor.who,
      from: context.actor.from,
      rounds: [],
    }
    const purpose = purposeOf(this.#parts.mode, context.actor, policy)
    const ended = withLock(context.folders, context.root, purpose, async () => {
      await checkBeforeStart(context)
      held.resolve()
      await this.#runUnderLock(context, policy, { runId: run.id, adopts, ending, signal: stop.signal })
    })
      .then(() => undefined)
      .catch((error: unknown) => {
        held.reject(error)
        this.#ended = asProblem(error, 'cannot run the policy').message.slice(0, 1024)
      })
      .finally(() => {
        this.#running = undefined
      })
    this.#running = { run, ending, stop, ended }
    this.#ended = undefined
    await held.promise
    return this.status()
  }

  /** Stops and puts everything back; without a run there is nothing to do. Throws `busy` for another process's run. */
  async stop(): Promise<PolicyStatus> {
    const running = this.#running
    if (running === undefined) await this.#refuseForeign()
    running?.stop.abort(new Problem('cancelled', 'the policy was stopped on request'))
    await running?.ended
    return this.status()
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** For the end of the process: waits until everything is put back, or left for a run that adopts it. */
  async end({ keeps = false } = {}): Promise<void> {
    if (this.#running !== undefined) this.#running.ending.keeps = keeps
    this.#running?.stop.abort(new Problem('cancelled', 'the policy ended with its session'))
    await this.#running?.ended
  }

  /** What another process runs is not ours to end. */
  async #refuseForeign(): Promise<void> {
    const { heldBy, holderUnknown } = await this.status()
    if (holderUnknown !== undefined)
      throw new Problem('not-permitted', `cannot stop the policy: holder unknown: ${holderUnknown}`, {
        remedy: 'Connect as root, or as a user that may use sudo.',
      })
    if (heldBy === undefined) return
    const since = new Date(heldBy.since).toISOString()
    throw new Problem(
      'busy',
      `cannot stop the policy: process ${heldBy.pid} (${heldBy.who}) has been running "${heldBy.action}" since ${since}`,
      { remedy: `End it where it was started, or end process ${heldBy.pid} on the host.` },
    )
  }

  async status(): Promise<PolicyStatus> {
    const held = this.#running === undefined ? await this.#readHolder() : {}
    const running = this.#running?.run
    const run = running && { ...running, rounds: [...newestRounds(running.rounds)] }
    return { ...withValue({ run, ended: this.#ended }), ...held }
  }

  /** Only root sees the lock: for others it is unknown who changes this host, which is not nobody. */
  async #readHolder(): Promise<Pick<PolicyStatus, 'heldBy' | 'holderUnknown'>> {
    const { folders, root } = this.#parts.context
    try {
      return withValue({ heldBy: await readHolder(folders, root) })
    } catch (error) {
      const { code, message } = asProblem(error)
      if (code !== 'not-permitted') throw error
      return { holderUnknown: message.slice(0, 1024) }
    }
  }

  /** Some rounds that look and change nothing. Throws `cancelled`. */
  async preview(policy: Policy, rounds: number, signal: AbortSignal): Promise<PolicyPreview> {
    const dry = asDryRun(policy)
    const host = new LiveHost(this.#parts.context, dry)
    const tally = new RoundTally(dry, randomUUID())
    const seen: PolicyRound[] = []
    const enough = new AbortController()
    try {
      await govern(host, {
        policy: dry,
        dryRun: true,
        once: false,
        signal: AbortSignal.any([signal, enough.signal]),
        onRound: (round) => {
          seen.push(tally.addRound(round, host.cpuSeconds(), wallClock()))
          if (seen.length >= rounds) enough.abort()
        },
        onFailure: (problem) => {
          throw problem
        },
        sleep: (seconds, until) => sleep(seconds * 1000, until),
      })
      signal.throwIfAborted()
    } finally {
      host.close()
    }
    return summarizePreview(policy, seen)
  }

  async #runUnderLock(
    context: ChangeContext,
    policy: Policy,
    { runId, adopts, ending, signal }: Pick<Running, 'ending'> & UnderLock,
  ): Promise<void> {
    if (!adopts || !isOpenNow(policy)) await restoreFoundKsm(context)
    const from = this.#parts.mode === 'session' ? 'the workbench' : 'the service'
    this.#parts.say(describePolicy(policy, from))
    const tally = new RoundTally(policy, runId)
    const note = (round: PolicyRound) => {
      this.#change(({ trouble: _, ...run }) => ({
        ...run,
        rounds: [...run.rounds, round].slice(-maxRoundsKept),
      }))
      this.#parts.onRound(round)
    }
    const onRest = (resting: PolicyRun['resting']) => {
      if (resting !== undefined) this.#parts.say(describeRest(resting))
      this.#change(({ resting: _, ...run }) => ({ ...run, ...withValue({ resting }) }))
    }
    const pause = (seconds: number, until: AbortSignal) => sleep(seconds * 1000, until)
    const parts = { signal, timeZone: hostTimeZone(), wallClock, onRest, sleep: pause }
    await runInWindows(policy.schedule, parts, (open) =>
      this.#governWindow({ context, policy, ending }, open, tally, note),
    )
  }

  /** Puts everything back at its end, or leaves it for a run that adopts it. */
  async #governWindow(
    { context, policy, ending }: Pick<Running, 'ending'> & { context: ChangeContext; policy: Policy },
    signal: AbortSignal,
    tally: RoundTally,
    note: (round: PolicyRound) => void,
  ): Promise<void> {
    const host = new LiveHost(context, policy)
    try {
      await auditChange(context, { action: 'policy start', target: describeModes(policy) }, () =>
        host.recoverAudit(),
      )
      await govern(host, {
        policy,
        dryRun: policy.scrub.guards.dryRun && policy.ksm.mode === 'observe',
        once: false,
        signal,
        reserve: new ReserveKeeper(context, policy),
        onRound: (round) => note(tally.addRound(round, host.cpuSeconds(), wallClock())),
        onFailure: ({ message }) => this.#noteTrouble(context, message),
        sleep: (seconds, until) => sleep(seconds * 1000, until),
      })
    } finally {
      host.close()
      const action = ending.keeps ? 'policy hand over' : 'policy stop'
      await auditChange(context, { action, target: describeModes(policy), undoes: true }, async () => {
        if (!ending.keeps) await restoreFoundKsm(context)
      })
    }
  }

  /** Said once while rounds fail alike: they may do so for days. */
  #noteTrouble(context: ChangeContext, message: string): void {
    const trouble = message.slice(0, 1024)
    if (this.#running?.run.trouble !== trouble) context.log(`a round failed: ${message}; goes on`)
    this.#change((run) => ({ ...run, trouble }))
  }

  #change(edit: (run: PolicyRun) => PolicyRun): void {
    if (this.#running !== undefined) this.#running = { ...this.#running, run: edit(this.#running.run) }
  }
}

/** Where nothing can be written down nothing is begun, and what an earlier run has left is put back all the same. */
async function checkBeforeStart(context: ChangeContext): Promise<void> {
  try {
    checkAuditWritable(context.folders)
  } catch (error) {
    await restoreFoundKsm(context)
    throw error
  }
}

/** `scrub adaptive, KSM govern`: for locks, the audit and the log. */
export function describeModes({ scrub, ksm }: Policy): string {
  return `scrub ${scrub.mode}, KSM ${ksm.mode}`
}

/** The name of the unit that runs policies without anyone connected. */
export const serviceUnit = 'singleton-helper.service'

function purposeOf(mode: PolicyRun['mode'], { who }: Actor, policy: Policy): LockPurpose {
  const modes = describeModes(policy)
  if (mode === 'session') return { who, action: `policy ${modes}` }
  const remedy = 'Stop its policy first: in the host’s Policy tab, or by "policy stop HOST".'
  return { who, action: `${serviceUnit} (${modes})`, remedy }
}

function alreadyRunning({ who, since, policy, mode }: PolicyRun): Problem {
  const at = new Date(since).toISOString()
  return new Problem(
    'busy',
    `cannot start a policy: ${who} has been running "${describeModes(policy)}" in ${mode} mode since ${at}`,
    { remedy: 'Stop it first, or watch it in the host’s Policy tab.' },
  )
}
