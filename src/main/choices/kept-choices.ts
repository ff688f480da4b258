// choices.json: what a person chose of how pages look. A browser would keep it for one address, and the browser shell has
// another one at each start.
import { join } from 'node:path'
import { z } from 'zod'
import { type KeptChoices, keptChoices } from '../../shared/contract/choices.ts'
import { asProblem, type Problem } from '../../shared/problem.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import type { Announce } from '../announcer.ts'
import { readStateFile, writeStateFile } from '../state-files/state-file.ts'

const fileShape = z.object({ version: z.literal(1), choices: keptChoices })

export interface ChoicesParts {
  readonly dataDirectory: string
  readonly announce: Announce
  readonly onProblem: (problem: Problem) => void
}

/** Read when first asked for, and replaced whole with each choice. */
export class Choices {
  readonly #parts: ChoicesParts
  readonly #path: string
  readonly #turns = new InTurn()
  #read: Promise<KeptChoices> | undefined

  constructor(parts: ChoicesParts) {
    this.#parts = parts
    this.#path = join(parts.dataDirectory, 'choices.json')
  }

  /** None where the file cannot be used, which is told: no page is worth less for it. */
  list(): Promise<KeptChoices> {
    this.#read ??= this.#readFile()
    return this.#read
  }

  /** Rejects, and nothing has changed, where it cannot be written. `value` absent: as if nothing had been chosen. */
  choose(name: string, value: string | undefined): Promise<void> {
    return this.#turns.run(async () => {
      // Another workbench may have chosen since; what a newer one has written is not written over.
      const kept = await readStateFile(this.#path, fileShape, this.#parts.onProblem)
      const { [name]: _, ...others } = kept?.choices ?? (await this.list())
      const choices = value === undefined ? others : { ...others, [name]: value }
      await writeStateFile(this.#path, fileShape, { version: 1, choices })
      this.#read = Promise.resolve(choices)
      this.#parts.announce('choices/changed', { choices })
    })
  }

  async #readFile(): Promise<KeptChoices> {
    try {
      return (await readStateFile(this.#path, fileShape, this.#parts.onProblem))?.choices ?? {}
    } catch (error) {
      this.#parts.onProblem(asProblem(error, 'cannot read what was chosen before'))
      return {}
    }
  }
}
