// rollouts.json: the roll-outs of a data folder, and which process goes on with them.
import { join } from 'node:path'
import { z } from 'zod'
import { maxRollouts } from '../../shared/contract/index.ts'
import type { Problem } from '../../shared/problem.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import { withValue } from '../../shared/with-value.ts'
import { withClaim } from '../state-files/claim.ts'
import { findKeeper, isAnotherAlive, keeper } from '../state-files/keeper.ts'
import { readStateFile, writeStateFile } from '../state-files/state-file.ts'
import { type KeptRollout, keptRollout } from './kept-rollout.ts'

const rolloutsFile = z.object({
  version: z.literal(1),
  /** Who goes on with what is in it; absent: nobody, as the last one was closed, or a system without /proc. */
  keeper: keeper.optional(),
  rollouts: z.array(keptRollout).max(maxRollouts),
})

export interface FoundRollouts {
  readonly rollouts: readonly KeptRollout[]
  /** Another workbench with the same data is open and goes on with them. */
  readonly isTaken: boolean
}

export class RolloutFile {
  /** Absent: for a single command, which is forgotten with its process. */
  readonly #path: string | undefined
  readonly #onProblem: (problem: Problem) => void
  readonly #writes = new InTurn()
  /** What the file holds: time that passes is not written. */
  #written = ''

  constructor(dataDirectory: string | undefined, onProblem: (problem: Problem) => void) {
    this.#path = dataDirectory === undefined ? undefined : join(dataDirectory, 'rollouts.json')
    this.#onProblem = onProblem
  }

  /** Rejects with a Problem where it cannot be read; one that cannot be used is set aside and told. */
  async read(): Promise<FoundRollouts> {
    const path = this.#path
    const file = path === undefined ? undefined : await readStateFile(path, rolloutsFile, this.#onProblem)
    return { rollouts: file?.rollouts ?? [], isTaken: await isAnotherAlive(file?.keeper) }
  }

  /**
   * Keeps what `goOn` makes of each by this process, unless another one has them that is open, which is told: of several
   * that take them over at one moment, one does. Rejects with a Problem.
   */
  async takeOver(goOn: (kept: KeptRollout) => KeptRollout): Promise<FoundRollouts> {
    const found = await this.read()
    if (found.isTaken || this.#path === undefined) return found
    let taken: FoundRollouts = { ...found, isTaken: true }
    await withClaim(`${this.#path}.claim`, async () => {
      const { rollouts, isTaken } = await this.read()
      taken = { rollouts: isTaken ? rollouts : rollouts.map(goOn), isTaken }
      if (!isTaken) await this.keep(() => taken.rollouts)
    })
    return taken
  }

  /** Resolves once what `list` tells then is on the disk, kept by this process. Rejects with a Problem. */
  keep(list: () => readonly KeptRollout[]): Promise<void> {
    return this.#write(list, findKeeper)
  }

  /**
   * For the end of a workbench: whoever is open or is opened next may go on with them at once. Writes nothing where this
   * process has kept nothing.
   */
  release(list: () => readonly KeptRollout[]): Promise<void> {
    return this.#write(list, undefined)
  }

  #write(list: () => readonly KeptRollout[], who: typeof findKeeper | undefined): Promise<void> {
    return this.#writes.run(async () => {
      const path = this.#path
      if (path === undefined || (who === undefined && this.#written === '')) return
      const value = {
        version: 1 as const,
        ...withValue({ keeper: await who?.() }),
        rollouts: list().map((one) => ({ ...one, heldSeconds: 0 })),
      }
      const text = JSON.stringify(value)
      if (text === this.#written) return
      await writeStateFile(path, rolloutsFile, value)
      this.#written = text
    })
  }
}
