// The journal: a file for each experiment in the data folder, with who goes on with it. Replaced by rename.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Experiment, experiment } from '../../shared/contract/index.ts'
import { asProblem, type Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { withClaim } from '../state-files/claim.ts'
import { findKeeper, isAnotherAlive, type Keeper, keeper } from '../state-files/keeper.ts'
import { readStateFile, writeStateFile } from '../state-files/state-file.ts'

const experimentFile = z.object({
  /** Who runs it or wrote it last; absent: a system without /proc. */
  keeper: keeper.optional(),
  experiment,
})

export interface KeptExperiment {
  readonly experiment: Experiment
  readonly keeper?: Keeper | undefined
}

export class ExperimentFiles {
  readonly #folder: string
  readonly #onProblem: (problem: Problem) => void
  readonly #lastTexts = new Map<string, string>()
  readonly #told = new Set<string>()

  constructor(dataDirectory: string, onProblem: (problem: Problem) => void) {
    this.#folder = join(dataDirectory, 'experiments')
    this.#onProblem = onProblem
  }

  /**
   * Those that can be used. A damaged file is kept aside, and one of a newer workbench, or that cannot be read, is left where it is:
   * `onProblem` says so.
   */
  async readAll(): Promise<KeptExperiment[]> {
    let names: string[]
    try {
      names = await readdir(this.#folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
    const kept: KeptExperiment[] = []
    for (const name of names.filter((one) => /^[a-z0-9-]{1,64}\.json$/.test(one))) {
      const file = await this.#read(join(this.#folder, name))
      if (file !== undefined && `${file.experiment.id}.json` === name) kept.push(file)
    }
    return kept
  }

  /**
   * Keeps what `goOn` makes of one by this process; undefined: another process that lives keeps it, or it has gone. Of
   * several that take it over at one moment, one does. Rejects with a Problem.
   */
  async takeOver(id: string, goOn: (kept: Experiment) => Experiment): Promise<Experiment | undefined> {
    const path = this.#pathOf(id)
    let taken: Experiment | undefined
    await withClaim(`${path}.claim`, async () => {
      const file = await this.#read(path)
      if (file?.experiment.id !== id || (await isAnotherAlive(file.keeper))) return
      taken = goOn(file.experiment)
      await this.write(taken)
    })
    return taken
  }

  /** undefined: there is none that can be used. One file keeps nobody from the others. */
  async #read(path: string): Promise<z.infer<typeof experimentFile> | undefined> {
    try {
      return await readStateFile(path, experimentFile, this.#onProblem)
    } catch (error) {
      this.#tellOnce(asProblem(error, `cannot use ${path}`))
      return undefined
    }
  }

  /** What stays as it is is met again whenever experiments are listed. */
  #tellOnce(problem: Problem): void {
    if (this.#told.has(problem.message)) return
    this.#told.add(problem.message)
    this.#onProblem(problem)
  }

  async write(kept: Experiment): Promise<void> {
    const path = this.#pathOf(kept.id)
    const value = { ...withValue({ keeper: await findKeeper() }), experiment: kept }
    const text = JSON.stringify(value)
    if (this.#lastTexts.get(kept.id) === text) return
    await writeStateFile(path, experimentFile, value)
    this.#lastTexts.set(kept.id, text)
  }

  async remove(id: string): Promise<void> {
    this.#lastTexts.delete(id)
    await rm(this.#pathOf(id), { force: true })
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}.json`)
  }
}
