// From the rounds of a policy to what is worth keeping: each sentence when it is new, how a run began and ended. Pure.
import type { PolicyNote, PolicyRound, PolicyRun } from '../../shared/contract/index.ts'

export interface NewNote extends PolicyNote {
  readonly sequence: number
}

/** A helper that says more than any policy does must not fill the disk. */
const maxOfRun = 20_000
/** A sentence that comes and goes is told again after so long without it. */
const quietMs = 5 * 60_000
/** Later than any round: what is noted at the end of a run. */
const endSequence = Number.MAX_SAFE_INTEGER

/** Of one run after the other. */
export class PolicyNotes {
  #run: { readonly id: string; readonly of: Pick<PolicyNote, 'since' | 'mode'> } | undefined
  #last: PolicyRound | undefined
  /** When each sentence was last in a round, by what it says without its figures. */
  readonly #told = new Map<string, number>()
  #kept = 0

  /** What runs now, by what the helper answers. `shift`: from the host's clock to the workbench's, in milliseconds. */
  follow(run: PolicyRun | undefined, now: number, shift: number): NewNote[] {
    if (run === undefined) return this.#end(now, 'the policy ended')
    if (run.id === this.#run?.id) return this.#addRounds(run.rounds, (round) => round.at + shift)
    const ended = this.#end(now, 'the policy was replaced by another')
    this.#run = { id: run.id, of: { since: run.since, mode: run.mode } }
    const { scrub, ksm } = run.policy
    const text = `${run.who} started a policy in ${run.mode} mode: scrub ${scrub.mode}, KSM ${ksm.mode}`
    const began = this.#note(run.since + shift, 0, text)
    return [...ended, ...began, ...this.#addRounds(run.rounds, (round) => round.at + shift)]
  }

  /** A round that has just arrived. */
  addRound(round: PolicyRound, now: number): NewNote[] {
    return this.#run?.id === round.runId ? this.#addRounds([round], () => now) : []
  }

  /** The session is over. What a service runs goes on, and is found again. */
  leave(now: number): NewNote[] {
    return this.#run?.of.mode === 'session'
      ? this.#end(now, 'the policy ended with its session')
      : this.#forget()
  }

  #addRounds(rounds: readonly PolicyRound[], timeOf: (round: PolicyRound) => number): NewNote[] {
    const notes: NewNote[] = []
    for (const round of rounds) {
      const before = this.#last
      if (before !== undefined && round.sequence <= before.sequence) continue
      this.#last = round
      // Of rounds before the first one that we know, nobody can say what was new in it.
      if (before === undefined && round.sequence > 1) {
        for (const text of round.decisions) this.#isNew(text, timeOf(round))
        continue
      }
      for (const text of round.decisions)
        if (this.#isNew(text, timeOf(round))) notes.push(...this.#note(timeOf(round), round.sequence, text))
    }
    return notes
  }

  /** Figures change with every round: how they went is in the charts. */
  #isNew(text: string, at: number): boolean {
    const said = text.replaceAll(/\d[\d.,]*(?: ?[KMGTP]iB| B)?/g, '#')
    const before = this.#told.get(said)
    if (before === undefined && this.#told.size >= maxOfRun) return false
    this.#told.set(said, Math.max(at, before ?? 0))
    return before === undefined || at - before >= quietMs
  }

  #note(at: number, sequence: number, text: string): NewNote[] {
    if (this.#run === undefined || this.#kept >= maxOfRun) return []
    this.#kept += 1
    return [{ ...this.#run.of, at: Math.max(0, at), sequence, text }]
  }

  #end(now: number, text: string): NewNote[] {
    const ended = this.#note(now, endSequence, text)
    this.#forget()
    return ended
  }

  #forget(): NewNote[] {
    this.#run = undefined
    this.#last = undefined
    this.#told.clear()
    this.#kept = 0
    return []
  }
}
