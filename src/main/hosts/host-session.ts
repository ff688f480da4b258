// One host's connection: opened, sampled, watched, and opened again when it breaks.
import type {
  Connection,
  HostContract,
  LogLine,
  PolicyRound,
  SavedHost,
} from '../../shared/contract/index.ts'
import { hostContract } from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { Call } from '../../shared/rpc.ts'
import { rejectOnAbort, sleep } from '../../shared/time/waiting.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { Ask, HelperLink, LinkOptions } from '../helper-link/helper-link.ts'
import { needsPersonFirst } from './backoff.ts'
import type { ConnectingSlots } from './connecting-slots.ts'
import { type Sampling, sampleUntilBroken } from './sampling.ts'

export interface SessionParts {
  readonly openLink: (options: LinkOptions) => Promise<HelperLink>
  readonly environment: LinkOptions['environment']
  readonly slots: ConnectingSlots
  readonly ask: Ask
  /** How long to wait before the next attempt; absent: a broken connection stays broken. */
  readonly retryMs?: (failures: number) => number
  /** Absent: no samples are taken. */
  readonly sampleEveryMs?: number
  readonly onInstalled: (path: string) => Promise<void>
  readonly onConnection: () => void
  readonly onSample: Sampling['onSample']
  readonly onRound: (round: PolicyRound) => void
  readonly log: (level: LogLine['level'], text: string) => void
}

/** A connection that held this long was good: the next break starts with the shortest wait again. */
const steadyMs = 30_000

export class HostSession {
  #host: SavedHost
  #connection: Connection = { state: 'disconnected', since: wallClock() }
  #link: HelperLink | undefined
  /** Ends supervision. Absent: nobody wants this host connected. */
  #supervision: AbortController | undefined
  /** Ends the present link or attempt, so that supervision opens a new one at once. */
  #reopen = new AbortController()
  #retryNow: (() => void) | undefined
  #outcome: PromiseWithResolvers<void> | undefined
  readonly #parts: SessionParts

  constructor(host: SavedHost, parts: SessionParts) {
    this.#host = host
    this.#parts = parts
  }

  get host(): SavedHost {
    return this.#host
  }

  get connection(): Connection {
    return this.#connection
  }

  get link(): HelperLink | undefined {
    return this.#link
  }

  /** Resolves when connected; rejects with the Problem of the attempt that is under way or starts now. */
  connect(): Promise<void> {
    if (this.#link) return Promise.resolve()
    this.#outcome ??= Promise.withResolvers<void>()
    const { promise } = this.#outcome
    this.start()
    return promise
  }

  /** Begins to keep the host connected; what becomes of it shows in `connection`. */
  start(): void {
    if (this.#supervision) {
      this.#retryNow?.()
      return
    }
    const supervision = new AbortController()
    this.#supervision = supervision
    this.#supervise(supervision.signal).catch((error: unknown) => {
      this.#giveUp(asProblem(error, `cannot watch ${this.#host.name}`))
    })
  }

  disconnect(): void {
    if (!this.#supervision) return
    const reason = new Problem('cancelled', `disconnected from ${this.#host.name} on request`)
    this.#supervision.abort(reason)
    this.#end(reason)
    this.#enter({ state: 'disconnected', since: wallClock() })
  }

  /** A changed mode opens the link again, since the helper session itself is read-only or not. */
  update(host: SavedHost): void {
    const before = this.#host
    this.#host = host
    if (before.mode === host.mode) return
    const wasOpen = this.#link !== undefined
    this.#link = undefined
    // At once: until the loop gets there, nobody may take the host for connected.
    if (wasOpen)
      this.#enter({ state: 'connecting', since: wallClock(), step: `reopening in ${host.mode} mode` })
    this.#reopen.abort(new Problem('disconnected', `${host.name} is reconnecting in ${host.mode} mode`))
  }

  /** Throws what keeps `method` from running now. The one place that refuses changes to observed hosts. */
  assertReady(method: keyof HostContract): HelperLink {
    const { name, mode } = this.#host
    if (hostContract[method].effect === 'change' && mode === 'observe') {
      throw new Problem('read-only', `cannot run ${method} on ${name}: the host is in observe mode`, {
        remedy: 'Allow changes for this host first.',
      })
    }
    if (!this.#link) {
      throw new Problem('disconnected', `cannot run ${method} on ${name}: not connected`, {
        remedy: 'Connect to the host first.',
      })
    }
    return this.#link
  }

  readonly call: Call<HostContract> = async (method, params, options) =>
    this.assertReady(method).call(method, params, options)

  /** Whoever aborts the signal has said already what the state is then. */
  async #supervise(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      this.#reopen = new AbortController()
      const reopen = this.#reopen.signal
      const startedAt = performance.now()
      const problem = await this.#openAndStay(AbortSignal.any([signal, reopen]))
      if (signal.aborted || reopen.aborted) continue
      this.#parts.log('error', problem.message)
      if (!this.#parts.retryMs || needsPersonFirst(problem.code)) {
        this.#giveUp(problem)
        return
      }
      if (performance.now() - startedAt > steadyMs) failures = 0
      await this.#waitToRetry(problem, this.#parts.retryMs(failures), signal)
      failures += 1
    }
  }

  /** Answers with what ended the link or kept it from being opened. */
  async #openAndStay(signal: AbortSignal): Promise<Problem> {
    try {
      const link = await this.#open(signal)
      try {
        return await this.#stay(link, signal)
      } finally {
        if (this.#link === link) this.#link = undefined
        await link.close()
      }
    } catch (error) {
      return asProblem(error, `cannot connect to ${this.#host.name}`)
    }
  }

  async #open(signal: AbortSignal): Promise<HelperLink> {
    const { slots, openLink, environment, ask, log, onInstalled, onRound } = this.#parts
    const { address, mode } = this.#host
    this.#enter({ state: 'connecting', since: this.#sinceLost(), step: 'waiting for its turn' })
    return slots.run(signal, (outside) => {
      this.#showStep('connecting')
      return openLink({
        address,
        readOnly: mode === 'observe',
        ask: (question, asked) => outside(() => ask(question, asked)),
        onStep: (step) => signal.aborted || this.#showStep(step),
        onLog: log,
        onInstalled,
        onRound,
        signal,
        environment,
      })
    })
  }

  async #stay(link: HelperLink, signal: AbortSignal): Promise<Problem> {
    const over = new AbortController()
    const watched = AbortSignal.any([signal, over.signal])
    signal.throwIfAborted()
    this.#link = link
    this.#enter({ state: 'connected', since: wallClock() })
    this.#outcome?.resolve()
    this.#outcome = undefined
    try {
      return await Promise.race([link.closed, this.#sample(link, watched), rejectOnAbort(watched)])
    } finally {
      over.abort(new Problem('disconnected', `${this.#host.name} was disconnected`))
    }
  }

  #sample(link: HelperLink, signal: AbortSignal): Promise<Problem> {
    const { sampleEveryMs, onSample, log } = this.#parts
    if (sampleEveryMs === undefined) return rejectOnAbort(signal)
    return sampleUntilBroken({ call: link.call, everyMs: sampleEveryMs, signal, onSample, log })
  }

  async #waitToRetry(problem: Problem, waitMs: number, signal: AbortSignal): Promise<void> {
    const now = wallClock()
    this.#fail(problem)
    this.#enter({
      state: 'waiting',
      since: this.#sinceLost(),
      retryAt: now + waitMs,
      problem: problem.toData(),
    })
    const wake = new AbortController()
    this.#retryNow = () => wake.abort()
    await sleep(waitMs, AbortSignal.any([signal, wake.signal]))
    this.#retryNow = undefined
  }

  #giveUp(problem: Problem): void {
    this.#end(problem)
    this.#enter({ state: 'disconnected', since: this.#sinceLost(), problem: problem.toData() })
  }

  #end(problem: Problem): void {
    this.#supervision = undefined
    this.#link = undefined
    this.#fail(problem)
  }

  #fail(problem: Problem): void {
    this.#outcome?.reject(problem)
    this.#outcome = undefined
  }

  #showStep(step: string): void {
    if (this.#connection.state !== 'connecting') return
    this.#parts.log('info', step)
    this.#enter({ ...this.#connection, step: step.slice(0, 256) })
  }

  /** However often it is tried in between: who reads that a host is down asks since when it has been. */
  #sinceLost(): number {
    const { state, since } = this.#connection
    return state === 'connecting' || state === 'waiting' ? since : wallClock()
  }

  #enter(connection: Connection): void {
    this.#connection = connection
    this.#parts.onConnection()
  }
}
