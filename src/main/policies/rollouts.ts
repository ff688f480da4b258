// All roll-outs of the workbench: begun, listed, stopped, kept in rollouts.json and gone on with after a restart.
import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { maxRollouts, type Rollout, type RolloutPlan } from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { Announcer } from '../announcer.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { Throttle } from '../hosts/throttle.ts'
import { type KeptRollout, shownRollout } from './kept-rollout.ts'
import { RolloutFile } from './rollout-file.ts'
import { advanceRollout, isOver, newRollout } from './rollout-machine.ts'
import { RolloutRun, type RolloutRunParts } from './rollout-run.ts'

export interface RolloutsParts
  extends Partial<Pick<RolloutRunParts, 'nowMs' | 'tickMs' | 'patienceMs' | 'askEveryMs'>> {
  readonly fleet: Fleet
  readonly announcer: Announcer
  /** Absent: for a single command, which is forgotten with its process. */
  readonly dataDirectory?: string
  readonly onProblem: (problem: Problem) => void
  /** While another workbench has the roll-outs: how often to look whether it still does. */
  readonly followEveryMs?: number
}

const followMs = 5_000
/** Time that passes and hosts that start are told together. */
const tellEveryMs = 250

export class Rollouts {
  readonly #parts: RolloutsParts
  readonly #file: RolloutFile
  readonly #runs = new Map<string, RolloutRun>()
  readonly #unsubscribe: () => void
  /** A look at the file and a start may both come to it. */
  readonly #takeOvers = new InTurn()
  /** Of two at one moment the second sees which hosts the first has taken. */
  readonly #starts = new InTurn()
  #rollouts: readonly KeptRollout[] = []
  /** Whether the roll-outs of the file are gone on with here. */
  #isKeeper = false
  #following: ReturnType<typeof setInterval> | undefined
  #isWriteDue = false
  #told = ''

  constructor(parts: RolloutsParts) {
    this.#parts = parts
    this.#file = new RolloutFile(parts.dataDirectory, parts.onProblem)
    this.#unsubscribe = parts.announcer.subscribe((name, value) => {
      if (!isRound(name, value)) return
      for (const run of this.#runs.values()) run.noteRound(value.hostId, value.round)
    })
  }

  /** Goes on with what an earlier workbench had begun, or follows what another one does that is open. */
  async reopen(): Promise<void> {
    await this.#follow()
    if (this.#isKeeper || this.#parts.dataDirectory === undefined) return
    this.#following = setInterval(() => void this.#follow(), this.#parts.followEveryMs ?? followMs)
    this.#following.unref()
  }

  /** The workbench is of use without them. A file without any is left to whoever begins one. */
  async #follow(): Promise<void> {
    try {
      if (this.#isKeeper) return
      const { rollouts, isTaken } = await this.#file.read()
      if (this.#isKeeper) return
      if (isTaken || rollouts.length === 0) this.#show(rollouts)
      else await this.#takeOver()
      this.#told = ''
    } catch (error) {
      this.#tellOnce(asProblem(error, 'cannot go on with roll-outs'))
    }
  }

  /** What keeps the file from being used is met again with each look at it. */
  #tellOnce(problem: Problem): void {
    if (problem.message === this.#told) return
    this.#told = problem.message
    this.#parts.onProblem(problem)
  }

  /** Goes on here with what is in the file, and returns whether it does: another workbench that is open may have it. */
  #takeOver(): Promise<boolean> {
    return this.#takeOvers.run(async () => {
      if (this.#isKeeper) return true
      const reopen = (kept: KeptRollout) => advanceRollout(kept, { kind: 'reopened' })
      const { rollouts, isTaken } = await this.#file.takeOver(reopen)
      if (isTaken) {
        this.#show(rollouts)
        return false
      }
      this.#isKeeper = true
      clearInterval(this.#following)
      this.#rollouts = rollouts
      for (const kept of rollouts) {
        this.#announce(kept)
        if (!isOver(kept)) this.#run(kept)
      }
      return true
    })
  }

  /** As another workbench has written them. */
  #show(rollouts: readonly KeptRollout[]): void {
    const before = new Map(this.#rollouts.map((one) => [one.id, JSON.stringify(one)]))
    this.#rollouts = rollouts
    for (const one of rollouts) if (before.get(one.id) !== JSON.stringify(one)) this.#announce(one)
  }

  /** The newest first. */
  list(): Rollout[] {
    return this.#rollouts.toReversed().map(shownRollout)
  }

  /** Refuses before anything is begun, and names every host that cannot take part. */
  start(plan: RolloutPlan): Promise<Rollout> {
    return this.#starts.run(() => this.#start(plan))
  }

  async #start(plan: RolloutPlan): Promise<Rollout> {
    if (!(await this.#takeOver()))
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
      await this.#file.keep(() => this.#rollouts)
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
    const isElsewhere = this.#rollouts.some((one) => one.id === id && !isOver(one))
    if (run === undefined && !this.#isKeeper && isElsewhere)
      throw new Problem(
        'busy',
        'cannot stop the roll-out: another workbench with the same data goes on with it',
        {
          remedy: 'Stop it there.',
        },
      )
    if (run === undefined) throw new Problem('gone', 'cannot stop the roll-out: it has ended')
    run.stop(`${userInfo().username} stopped it`)
    return shownRollout(run.rollout)
  }

  /** Stops nothing on a host: sessions end after this, and the helpers put everything back. Another may go on then. */
  async close(): Promise<void> {
    this.#unsubscribe()
    clearInterval(this.#following)
    for (const run of this.#runs.values()) run.close()
    if (!this.#isKeeper) return
    try {
      await this.#file.release(() => this.#rollouts)
    } catch (error) {
      this.#parts.onProblem(asProblem(error, 'cannot keep the roll-out'))
    }
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
    const saved = () => this.#file.keep(() => this.#rollouts)
    const run = new RolloutRun(begun, { fleet, onChange, saved, nowMs, tickMs, patienceMs, askEveryMs })
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

  /** Many changes of one moment become one write. */
  #writeSoon(): void {
    if (this.#isWriteDue) return
    this.#isWriteDue = true
    const { onProblem } = this.#parts
    const list = () => {
      this.#isWriteDue = false
      return this.#rollouts
    }
    this.#file
      .keep(list)
      .catch((error: unknown) => onProblem(asProblem(error, 'cannot keep the roll-out')))
      .finally(() => {
        this.#isWriteDue = false
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
