// What keeps the workbench itself from part of its work, such as history that cannot be kept: one Problem per subject.
import { isDeepStrictEqual } from 'node:util'
import type { Problem, ProblemData } from '../../shared/problem.ts'
import type { Announce } from '../announcer.ts'

export class ProblemBoard {
  readonly #problems = new Map<string, ProblemData>()
  readonly #announce: Announce

  constructor(announce: Announce) {
    this.#announce = announce
  }

  /** undefined: it is over. */
  set(subject: string, problem: Problem | undefined): void {
    const [before, after] = [this.#problems.get(subject), problem?.toData()]
    if (isDeepStrictEqual(before, after)) return
    if (after) this.#problems.set(subject, after)
    else this.#problems.delete(subject)
    this.#announce('problems/changed', { problems: this.list() })
  }

  list(): ProblemData[] {
    return [...this.#problems.values()]
  }
}
