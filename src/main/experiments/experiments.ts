// All experiments: previewed, begun, paused, stopped, listed, kept in the data folder and gone on with after a restart.
import { randomBytes, randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import type { z } from 'zod'
import {
  type Experiment,
  type ExperimentPlan,
  type ExperimentPreview,
  type ExperimentSummary,
  type experimentOrder,
  experimentPlan,
  maxExperiments,
  type ShownExperiment,
} from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import { sleep } from '../../shared/time/waiting.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { Announcer } from '../announcer.ts'
import type { History } from '../history/history.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { Throttle } from '../hosts/throttle.ts'
import { isAnotherAlive } from '../state-files/keeper.ts'
import { ExperimentFiles, type KeptExperiment } from './experiment-files.ts'
import { isEnded, newExperiment, reopenExperiment, takesPart } from './experiment-record.ts'
import { ExperimentRun } from './experiment-run.ts'
import type { PhaseTimes } from './host-phase.ts'
import { assertNoRefusals, whyNotNow } from './host-refusal.ts'
import { previewExperiment } from './preview.ts'
import { ShownResults, summarizeExperiment } from './shown.ts'

export interface ExperimentsParts {
  readonly fleet: Fleet
  readonly announcer: Announcer
  readonly dataDirectory: string
  /** Who runs them; each goes on with its own only. */
  readonly workbench: 'workbench' | 'command line'
  readonly onProblem: (problem: Problem) => void
  readonly history: Pick<History, 'addMark'>
  readonly times?: Partial<PhaseTimes>
}

type ExperimentOrder = z.infer<typeof experimentOrder>

const tellEveryMs = 500
const closesWithinMs = 10_000

export class Experiments {
  readonly #parts: ExperimentsParts
  readonly #files: ExperimentFiles
  readonly #writes = new InTurn()
  readonly #runs = new Map<string, ExperimentRun>()
  /** Hosts of experiments that are being written down: two orders at one moment must not both have them. */
  readonly #claimed = new Set<string>()
  readonly #ended: Promise<void>[] = []
  readonly #results = new ShownResults()
  readonly #unsubscribe: () => void

  constructor(parts: ExperimentsParts) {
    this.#parts = parts
    this.#files = new ExperimentFiles(parts.dataDirectory, parts.onProblem)
    this.#unsubscribe = parts.announcer.subscribe((name, value) => {
      if (name !== 'policies/round' || !('round' in value)) return
      for (const run of this.#runs.values()) run.noteRound(value.hostId, value.round)
    })
  }

  /** Goes on with what a workbench with the same data had begun and no living process keeps. The workbench is of use without. */
  async reopen(): Promise<void> {
    const kept = await this.#files.readAll().catch((error: unknown) => this.#notGoneOn(error))
    for (const { experiment } of kept ?? [])
      if (experiment.workbench === this.#parts.workbench && !isEnded(experiment))
        await this.#goOn(experiment.id).catch((error: unknown) => this.#notGoneOn(error))
  }

  async #goOn(id: string): Promise<void> {
    const reopened = await this.#takeOver(id, (kept) => reopenExperiment(kept, wallClock()))
    if (reopened !== undefined && !isEnded(reopened)) this.#run(reopened)
  }

  #notGoneOn(error: unknown): undefined {
    this.#parts.onProblem(asProblem(error, 'cannot go on with experiments'))
  }

  #takeOver(id: string, goOn: (kept: Experiment) => Experiment): Promise<Experiment | undefined> {
    return this.#writes.run(() => this.#files.takeOver(id, goOn))
  }

  /** One that a closed command line left behind, on hosts that this process knows by other ids: by their names. */
  async resume(id: string, hostIdOf: (address: string) => string | undefined): Promise<Experiment> {
    const { experiment } = await this.#find(id)
    if (isEnded(experiment)) throw new Problem('gone', 'cannot go on with the experiment: it has ended')
    const goOn = (kept: Experiment) => {
      const hosts = kept.hosts.map((host) => ({ ...host, hostId: hostIdOf(host.address) ?? host.hostId }))
      const plan = { ...kept.plan, hostIds: hosts.map(({ hostId }) => hostId) }
      return reopenExperiment({ ...kept, hosts, plan, state: 'running' }, wallClock())
    }
    const reopened = this.#runs.has(id) ? undefined : await this.#takeOver(id, goOn)
    if (reopened === undefined)
      throw new Problem('busy', 'cannot go on with the experiment: another process runs it')
    this.#run(reopened)
    return reopened
  }

  preview(order: ExperimentOrder): ExperimentPreview {
    const plan = planOf(order)
    return previewExperiment(
      plan,
      plan.hostIds.map((id) => ({ id, name: this.#nameOf(id), refusal: this.#whyNot(id) })),
    )
  }

  /** Refused before anything begins where a host cannot take part; each is named. */
  async start(order: ExperimentOrder): Promise<Experiment> {
    const plan = planOf(order)
    assertNoRefusals(
      'begin',
      plan.hostIds.flatMap((id) => this.#whyNot(id) ?? []),
      'Allow changes on these hosts, connect to them or end what runs there, or leave them out.',
    )
    const begun = newExperiment(plan, {
      id: randomUUID().slice(0, 8),
      startedAt: wallClock(),
      who: userInfo().username,
      workbench: this.#parts.workbench,
      hosts: plan.hostIds.map((id) => {
        const { name, address } = this.#parts.fleet.find(id).session.host
        return { id, name, address }
      }),
    })
    for (const id of plan.hostIds) this.#claimed.add(id)
    try {
      await this.#makeRoom()
      await this.#write(begun)
      this.#run(begun)
    } finally {
      for (const id of plan.hostIds) this.#claimed.delete(id)
    }
    return begun
  }

  /** The newest first. */
  async list(): Promise<ExperimentSummary[]> {
    const all = await this.#all()
    return all
      .toSorted((a, b) => b.startedAt - a.startedAt)
      .slice(0, maxExperiments)
      .map(summarizeExperiment)
  }

  async show(id: string): Promise<ShownExperiment> {
    return this.#results.showExperiment((await this.#find(id)).experiment)
  }

  pause(id: string): ExperimentSummary {
    return this.#act(id, 'pause', (run) => run.pause())
  }

  continue(id: string): ExperimentSummary {
    return this.#act(id, 'go on with', (run) => run.continue())
  }

  stop(id: string): ExperimentSummary {
    return this.#act(id, 'stop', (run) => run.stop(`${userInfo().username} stopped it`))
  }

  async remove(id: string): Promise<void> {
    const { experiment, keeper } = await this.#find(id)
    if (this.#runs.has(id) || (!isEnded(experiment) && (await isAnotherAlive(keeper))))
      throw new Problem('busy', 'cannot remove the experiment: it is under way', { remedy: 'Stop it first.' })
    await this.#writes.run(() => this.#files.remove(id))
    this.#results.forget(id)
    this.#parts.announcer.announce('experiments/removed', { id })
  }

  /** Stops nothing for good: sessions end after this, the helpers put everything back, and the next workbench goes on. */
  async close(): Promise<void> {
    this.#unsubscribe()
    for (const run of this.#runs.values()) run.close()
    // A helper that does not answer keeps nobody from closing: it ends its policy with its session.
    const enough = new AbortController()
    await Promise.race([Promise.all(this.#ended), sleep(closesWithinMs, enough.signal)])
    enough.abort()
    await this.#writes.run(async () => undefined)
  }

  #act(id: string, verb: string, work: (run: ExperimentRun) => void): ExperimentSummary {
    const run = this.#runs.get(id)
    if (run === undefined)
      throw new Problem('gone', `cannot ${verb} the experiment: it has ended, or another process runs it`)
    work(run)
    return summarizeExperiment(run.experiment)
  }

  async #all(): Promise<Experiment[]> {
    const kept = await this.#files.readAll()
    return kept.map(({ experiment }) => this.#runs.get(experiment.id)?.experiment ?? experiment)
  }

  async #find(id: string): Promise<KeptExperiment> {
    const run = this.#runs.get(id)
    if (run !== undefined) return { experiment: run.experiment }
    const found = (await this.#files.readAll()).find(({ experiment }) => experiment.id === id)
    if (found === undefined) throw new Problem('not-found', `cannot find the experiment ${id}`)
    return found
  }

  #nameOf(hostId: string): string {
    return this.#parts.fleet.find(hostId).session.host.name
  }

  #whyNot(hostId: string): string | undefined {
    const { fleet } = this.#parts
    const why = whyNotNow(fleet, hostId)
    if (why !== undefined) return why
    const isTaken =
      this.#claimed.has(hostId) ||
      [...this.#runs.values()].some(({ experiment }) =>
        experiment.hosts.some((one) => one.hostId === hostId && takesPart(one)),
      )
    return isTaken ? `${this.#nameOf(hostId)} takes part in another experiment` : undefined
  }

  #run(begun: Experiment): void {
    const { fleet, onProblem, history } = this.#parts
    const telling = new Throttle(tellEveryMs, () => this.#announce(run.experiment))
    const run = new ExperimentRun(begun, {
      fleet,
      times: timesOf(begun.plan, this.#parts.times),
      mark: (hostId, text) => history.addMark(hostId, { at: wallClock(), kind: 'experiment', text }),
      onChange: (changed, lasting) => {
        telling.request()
        if (!lasting) return
        this.#write(changed).catch((error: unknown) => this.#noteUnwritten(run, changed, asProblem(error)))
      },
    })
    this.#runs.set(begun.id, run)
    this.#announce(begun)
    const ended = run
      .run()
      .catch((error: unknown) => onProblem(asProblem(error, 'cannot go on with the experiment')))
      .finally(async () => {
        telling.stop()
        // What was written last must be on disk before anybody reads the file instead of the run.
        await this.#writes.run(async () => undefined)
        this.#runs.delete(begun.id)
        this.#announce(run.experiment)
      })
    this.#ended.push(ended)
  }

  #announce(changed: Experiment): void {
    this.#parts.announcer.announce('experiments/changed', summarizeExperiment(changed))
  }

  #write(changed: Experiment): Promise<void> {
    return this.#writes.run(() => this.#files.write(changed))
  }

  /** It ends at once: a restart would not know what has run. */
  #noteUnwritten(run: ExperimentRun, unwritten: Experiment, { code, message }: Problem): void {
    if (!isEnded(unwritten)) run.stop(`it cannot be written down: ${message}`)
    else
      this.#parts.onProblem(
        new Problem(code, `cannot write down that experiment ${unwritten.id} has ended: ${message}`, {
          remedy: 'Until it is removed, the workbench goes on with it when it is opened next.',
        }),
      )
  }

  /** The oldest that has ended makes room. */
  async #makeRoom(): Promise<void> {
    const all = (await this.#all()).toSorted((a, b) => a.startedAt - b.startedAt)
    if (all.length < maxExperiments) return
    const oldest = all.find(isEnded)
    if (oldest === undefined)
      throw new Problem('busy', `cannot begin: ${maxExperiments} experiments are under way`)
    await this.remove(oldest.id)
  }
}

function planOf({ seed = randomBytes(4).readUInt32LE(), ...order }: ExperimentOrder): ExperimentPlan {
  return experimentPlan.parse({ ...order, seed, hostIds: [...new Set(order.hostIds)] })
}

/** Often enough to see what happens in a phase, seldom enough that it costs nothing. */
function timesOf({ phaseSeconds }: ExperimentPlan, given: Partial<PhaseTimes> = {}): PhaseTimes {
  const sampleEveryMs = Math.min(10_000, Math.max(1000, (phaseSeconds * 1000) / 15))
  const retryAfterMs = Math.min(5000, phaseSeconds * 1000)
  return { sampleEveryMs, settleWithinMs: 120_000, patienceMs: 120_000, retryAfterMs, ...given }
}
