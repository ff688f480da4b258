// All roll-outs of the workbench: begun, listed, stopped, kept in rollouts.json and gone on with after a restart.
import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { maxRollouts, type Rollout, type RolloutPlan } from '../../shared/contract/index.ts'
import { InTurn } from '../../shared/in-turn.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import { wallClock } from '../../shared/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Announcer } from '../announcer.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { Throttle } from '../hosts/throttle.ts'
import { findKeeper, isAnotherAlive, keeper } from '../state-files/keeper.ts'
import { readStateFile, writeStateFile } from '../state-files/state-file.ts'
import { type KeptRollout, keptRollout, shownRollout } from './kept-rollout.ts'
import { advanceRollout, isOver, newRollout } from './rollout-machine.ts'
import { RolloutRun, type RolloutRunParts } from './rollout-run.ts'

const rolloutsFile = z.object({
  version: z.literal(1),
  /** Who wrote it last and goes on with what is in it; absent: a system without /proc. */
  keeper: keeper.optional(),
  rollouts: z.array(keptRollout).max(maxRollouts),
})

export interface RolloutsParts
  extends Partial<Pick<RolloutRunParts, 'nowMs' | 'tickMs' | 'patienceMs' | 'askEveryMs'>> {
  readonly fleet: Fleet
  readonly announcer: Announcer
  /** Absent: for a single command, which is forgotten with its process. */
  readonly dataDirectory?: string
  readonly onProblem: (problem: Problem) => void
}

/** Time that passes and hosts that start are told together. */
const tellEveryMs = 250

export class Rollouts {
  readonly #parts: RolloutsParts
  readonly #writes = new InTurn()
  readonly #runs = new Map<string, RolloutRun>()
  readonly #unsubscribe: () => void
  #rollouts: readonly KeptRollout[] = []
  /** What the file holds of each: time that passes is not written. */
  #written = ''
  #isWriteDue = false

  constructor(parts: RolloutsParts) {
    this.#parts = parts
    this.#unsubscribe = parts.announcer.subscribe((name, value) => {
      if (!isRound(name, value)) return
      for (const run of this.#runs.values()) run.noteRound(value.hostId, value.round)
    })
  }

  /** Goes on with what an earlier workbench had begun. */
  async reopen(): Promise<void> {
    try {
      const file = await this.#read()
      if (file === undefined) return
      if (await isAnotherAlive(file.keeper)) this.#rollouts = file.rollouts
      else await this.#goOn(file.rollouts)
    } catch (error) {
      // The workbench is of use without them.
      this.#parts.onProblem(asProblem(error, 'cannot go on with roll-outs'))
    }
  }

  async #goOn(rollouts: readonly KeptRollout[]): Promise<void> {
    for (const kept of rollouts) this.#keep(advanceRollout(kept, { kind: 'reopened' }))
    await this.#write()
    for (const kept of this.#rollouts) if (!isOver(kept)) this.#run(kept)
  }

  /** The newest first. */
  list(): Rollout[] {
    return this.#rollouts.toReversed().map(shownRollout)
  }

  /** Refuses before anything is begun, and names every host that cannot take part. */
  async start(plan: RolloutPlan): Promise<Rollout> {
    if (await isAnotherAlive((await this.#read())?.keeper))
      throw new Problem('busy', 'cannot roll out a policy: another workbench with the same data is open', {
        remedy: 'Start it there, or close both and open one.',
      })
    const ids = [...new Set(plan.hostIds)]
    const refusals = ids.flatMap((id) => this.#whyNot(id) ?? [])
    if (refusals.length > 0)
      throw new Problem(
        refusals[0]?.code ?? 'bad-input',
        describeRefusals(refusals.map(({ text }) => text)),
        {
          remedy: 'Allow changes on these hosts, connect to them or end what runs there, or leave them out.',
        },
      )
    const begun = newRollout(plan, {
      id: randomUUID(),
      startedAt: wallClock(),
      who: userInfo().username,
      hosts: ids.map((id) => ({ id, name: this.#parts.fleet.find(id).session.host.name })),
    })
    this.#keep(begun)
    try {
      await this.#write()
    } catch (error) {
      this.#rollouts = this.#rollouts.filter(({ id }) => id !== begun.id)
      throw error
    }
    this.#announce(begun)
    this.#run(begun)
    return shownRollout(begun)
  }

  /** Ends it and puts back every host on which it started the policy; also where it was done. */
  stop(id: string): Rollout {
    const run = this.#runs.get(id)
    if (run === undefined) throw new Problem('gone', 'cannot stop the roll-out: it has ended')
    run.stop(`${userInfo().username} stopped it`)
    return shownRollout(run.rollout)
  }

  /** Stops nothing on a host: sessions end after this, and the helpers put everything back. */
  async close(): Promise<void> {
    this.#unsubscribe()
    for (const run of this.#runs.values()) run.close()
    await this.#writes.run(async () => undefined)
  }

  #whyNot(hostId: string): { code: Problem['code']; text: string } | undefined {
    const { session, view } = hostOf(this.#parts.fleet, hostId)
    const { name, mode } = session.host
    if (mode !== 'change') return { code: 'read-only', text: `${name} is in observe mode` }
    if (session.link === undefined) return { code: 'disconnected', text: `${name} is not connected` }
    if (view.policy?.mode === 'session') return { code: 'busy', text: `${name} runs a policy already` }
    const isTaken = [...this.#runs.values()].some(
      (run) => run.rollout.state !== 'done' && run.rollout.hosts.some((host) => host.hostId === hostId),
    )
    return isTaken ? { code: 'busy', text: `${name} takes part in another roll-out` } : undefined
  }

  #run(begun: KeptRollout): void {
    const { fleet, onProblem, nowMs = () => performance.now() } = this.#parts
    const { tickMs = 1000, patienceMs = 120_000, askEveryMs = 10_000 } = this.#parts
    const telling = new Throttle(tellEveryMs, () => this.#announce(run.rollout))
    const onChange = (changed: KeptRollout) => {
      this.#keep(changed)
      telling.request()
      this.#writeSoon()
    }
    const run = new RolloutRun(begun, { fleet, onChange, nowMs, tickMs, patienceMs, askEveryMs })
    this.#runs.set(begun.id, run)
    run
      .run()
      .catch((error: unknown) => onProblem(asProblem(error, 'cannot go on with the roll-out')))
      .finally(() => {
        telling.stop()
        this.#announce(run.rollout)
        this.#runs.delete(begun.id)
      })
  }

  /** The oldest that is over makes room. */
  #keep(changed: KeptRollout): void {
    const known = this.#rollouts.some(({ id }) => id === changed.id)
    const all = known
      ? this.#rollouts.map((one) => (one.id === changed.id ? changed : one))
      : [...this.#rollouts, changed]
    const isSpare = [
      ({ id }: KeptRollout) => !this.#runs.has(id),
      // Services go on with it; only undoing it in one step is given up.
      ({ state }: KeptRollout) => state === 'done',
    ]
    const spare = all.length > maxRollouts ? isSpare.map((test) => all.find(test)).find(Boolean) : undefined
    if (spare !== undefined) this.#runs.get(spare.id)?.close()
    if (all.length > maxRollouts && spare === undefined)
      throw new Problem('busy', `cannot roll out a policy: ${maxRollouts} roll-outs are running`)
    this.#rollouts = all.filter((one) => one !== spare)
  }

  #announce(changed: KeptRollout): void {
    this.#parts.announcer.announce('rollouts/changed', shownRollout(changed))
  }

  get #path(): string | undefined {
    const { dataDirectory } = this.#parts
    return dataDirectory === undefined ? undefined : join(dataDirectory, 'rollouts.json')
  }

  async #read(): Promise<z.infer<typeof rolloutsFile> | undefined> {
    const path = this.#path
    return path === undefined ? undefined : readStateFile(path, rolloutsFile, this.#parts.onProblem)
  }

  /** Many changes of one moment become one write. */
  #writeSoon(): void {
    if (this.#isWriteDue) return
    this.#isWriteDue = true
    const { onProblem } = this.#parts
    this.#write().catch((error: unknown) => onProblem(asProblem(error, 'cannot keep the roll-out')))
  }

  #write(): Promise<void> {
    return this.#writes.run(async () => {
      this.#isWriteDue = false
      const path = this.#path
      const value = {
        version: 1 as const,
        ...withValue({ keeper: await findKeeper() }),
        rollouts: this.#rollouts.map((one) => ({ ...one, heldSeconds: 0 })),
      }
      const text = JSON.stringify(value)
      if (path === undefined || text === this.#written) return
      await writeStateFile(path, rolloutsFile, value)
      this.#written = text
    })
  }
}

function hostOf(fleet: Fleet, hostId: string) {
  const host = fleet.find(hostId)
  return { session: host.session, view: host.view() }
}

function describeRefusals(reasons: readonly string[]): string {
  return `cannot roll out a policy: ${reasons.slice(0, 20).join('; ')}${reasons.length > 20 ? '; …' : ''}`
}

function isRound(
  name: string,
  value: object,
): value is { readonly hostId: string; readonly round: Parameters<RolloutRun['noteRound']>[1] } {
  return name === 'policies/round' && 'round' in value
}
