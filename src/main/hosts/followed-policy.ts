// What is known of the policy that runs on one host: asked for, kept up by its rounds, and noted in history.
import type { PolicyRound, PolicyRun, PolicyStatus } from '../../shared/contract/index.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { type NewNote, PolicyNotes } from './policy-notes.ts'

export interface FollowedPolicyParts {
  /** Asks the helper. */
  readonly ask: () => Promise<PolicyStatus>
  /** For the time axis. */
  readonly mark: (at: number, text: string) => void
  readonly addNotes: (notes: readonly NewNote[]) => void
  readonly changed: () => void
  /** Milliseconds on a clock that only goes forward. */
  readonly nowMs?: () => number
}

/** No word of a policy for so long: it may have ended, rest, or run without telling. */
const silentMs = 30_000
/** After an answer that did not come. */
const failedMs = 5_000

export class FollowedPolicy {
  readonly #parts: Required<FollowedPolicyParts>
  readonly #notes = new PolicyNotes()
  #run: PolicyRun | undefined
  #lastRound: PolicyRound | undefined
  /** The last one that has its mark; kept over a lost connection, since services go on. */
  #marked: Pick<PolicyRun, 'id' | 'mode'> | undefined
  /** From the host's clock to ours. Undefined until a sample of this connection has told it: nothing is noted before. */
  #shiftMs: number | undefined
  #unnoted: PolicyStatus | undefined
  #dueMs = 0
  #asking: Promise<void> | undefined

  constructor(parts: FollowedPolicyParts) {
    this.#parts = { nowMs: () => performance.now(), ...parts }
  }

  /** Undefined: none that this session knows of. */
  get run(): PolicyRun | undefined {
    return this.#run
  }

  /** The last one of the run that is known. */
  get lastRound(): PolicyRound | undefined {
    return this.#lastRound
  }

  /** What the helper answered. */
  noteStatus(status: PolicyStatus): void {
    const { run } = status
    this.#run = run
    this.#lastRound = lastOf(run, this.#lastRound)
    this.#wait(silentMs)
    this.#unnoted = status
    this.#writeDown()
    this.#parts.changed()
  }

  /** A round that has just arrived. One that was not expected shows that more has happened than was told. */
  noteRound(round: PolicyRound): void {
    const before = this.#lastRound
    const isNext = before === undefined ? round.sequence === 1 : round.sequence <= before.sequence + 1
    this.#lastRound = round
    if (!isNext || round.runId !== this.#run?.id) {
      // The answer tells this round, too, and those before it.
      void this.ask()
      return
    }
    // What nothing can be noted of yet is told again by an answer.
    this.#wait(this.#unnoted === undefined ? silentMs : 0)
    this.#parts.addNotes(this.#notes.addRound(round, wallClock()))
  }

  /** A sample has come: how far the clock of the host is ahead is known, and what is due is asked for. */
  noteClock(aheadSeconds: number): void {
    this.#shiftMs = -1000 * aheadSeconds
    this.#writeDown()
    if (this.#parts.nowMs() >= this.#dueMs) void this.ask()
  }

  /** The connection has ended. What a service runs goes on, and is found again with the next one. */
  leave(): void {
    this.#parts.addNotes(this.#notes.leave(wallClock()))
    if (this.#marked?.mode === 'session') this.#marked = undefined
    this.#run = undefined
    this.#lastRound = undefined
    this.#shiftMs = undefined
    this.#unnoted = undefined
    this.#dueMs = 0
  }

  /** Asks what runs there now; where the helper cannot say, nothing is known to run until it can. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<void> {
    this.#wait(silentMs)
    try {
      this.noteStatus(await this.#parts.ask())
    } catch {
      // The connection has gone, or the service starts.
      this.#run = undefined
      this.#wait(failedMs)
      this.#parts.changed()
    }
  }

  #wait(milliseconds: number): void {
    this.#dueMs = this.#parts.nowMs() + milliseconds
  }

  #writeDown(): void {
    if (this.#shiftMs === undefined || this.#unnoted === undefined) return
    const status = this.#unnoted
    this.#unnoted = undefined
    this.#markRun(status, this.#shiftMs)
    this.#parts.addNotes(this.#notes.follow(status.run, wallClock(), this.#shiftMs))
  }

  /** At the time at which it began, by our clock, however late we learnt of it. */
  #markRun({ run, ended }: PolicyStatus, shiftMs: number): void {
    if (run?.id === this.#marked?.id) return
    this.#marked = run && { id: run.id, mode: run.mode }
    const { mark } = this.#parts
    if (run === undefined) mark(wallClock(), ended === undefined ? 'policy ended' : `policy ended: ${ended}`)
    else
      mark(
        Math.max(0, run.since + shiftMs),
        `policy scrub ${run.policy.scrub.mode}, KSM ${run.policy.ksm.mode} runs`,
      )
  }
}

/** A round may have overtaken the answer. */
function lastOf(run: PolicyRun | undefined, before: PolicyRound | undefined): PolicyRound | undefined {
  const told = run?.rounds.at(-1)
  if (run === undefined || before?.runId !== run.id) return told
  return told === undefined || before.sequence > told.sequence ? before : told
}
