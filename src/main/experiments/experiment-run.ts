// One experiment under way: its hosts side by side, paused, gone on with, stopped by people and by guards.
import type { Experiment, PolicyRound } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { changeHost, isEnded, takesPart } from './experiment-record.ts'
import type { PhaseTimes } from './host-phase.ts'
import { assertNoRefusals, whyNotAgain } from './host-refusal.ts'
import { HostRun, type HostRunParts } from './host-run.ts'

export interface ExperimentRunParts extends Pick<HostRunParts, 'mark'> {
  readonly fleet: Fleet
  readonly times: PhaseTimes
  /** `lasting`: it must be written down. */
  readonly onChange: (experiment: Experiment, lasting: boolean) => void
}

export class ExperimentRun {
  readonly #parts: ExperimentRunParts
  readonly #hosts = new Map<string, HostRun>()
  readonly #stop = new AbortController()
  #experiment: Experiment
  #goOn = Promise.withResolvers<void>()
  #waiting = 0
  #isClosed = false

  constructor(experiment: Experiment, parts: ExperimentRunParts) {
    this.#experiment = experiment
    this.#parts = parts
    if (experiment.state !== 'paused') this.#goOn.resolve()
  }

  get experiment(): Experiment {
    return this.#experiment
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Returns when every host is done or given up, or it was closed. */
  async run(): Promise<void> {
    const { fleet, times, mark } = this.#parts
    const open = this.#experiment.hosts.filter(takesPart)
    for (const host of open)
      this.#hosts.set(
        host.hostId,
        new HostRun(host, {
          fleet,
          plan: this.#experiment.plan,
          times,
          mark,
          signal: this.#stop.signal,
          whilePaused: () => this.#whilePaused(),
          onChange: (changed, lasting) =>
            this.#change(
              changeHost(this.#experiment, changed.hostId, () => changed),
              lasting,
            ),
          onTrip: (why) => this.stop(why),
        }),
      )
    // The last host that a pause waits for may be given up instead.
    await Promise.all([...this.#hosts.values()].map((host) => host.run().then(() => this.#notePaused())))
    if (this.#isClosed || isEnded(this.#experiment)) return
    const state = this.#experiment.state === 'stopping' ? 'stopped' : this.#endState()
    this.#change({ ...this.#experiment, state, endedAt: wallClock(), ...this.#whyEnded(state) }, true)
  }

  noteRound(hostId: string, round: PolicyRound): void {
    this.#hosts.get(hostId)?.noteRound(round)
  }

  /** The phases under way end first: what they measured is not lost. */
  pause(): void {
    if (this.#experiment.state !== 'running') throw refused('pause', this.#experiment)
    this.#goOn = Promise.withResolvers<void>()
    this.#change({ ...this.#experiment, state: 'pausing' }, true)
  }

  /** Refused where a host would be given up that a person can make ready. */
  continue(): void {
    const { state, hosts } = this.#experiment
    if (state !== 'paused' && state !== 'pausing') throw refused('go on with', this.#experiment)
    const refusals = hosts.filter(takesPart).flatMap((host) => whyNotAgain(this.#parts.fleet, host) ?? [])
    assertNoRefusals('go on with', refusals, 'Allow changes on these hosts and end what runs there.')
    this.#change({ ...this.#experiment, state: 'running' }, true)
    this.#goOn.resolve()
  }

  /** At once: phases under way are void, and everything is put back. */
  stop(why: string): void {
    if (this.#stop.signal.aborted || isEnded(this.#experiment)) return
    this.#change({ ...this.#experiment, state: 'stopping', why: why.slice(0, 2048) }, true)
    this.#stop.abort(new Problem('cancelled', why))
    this.#goOn.resolve()
  }

  /** The workbench closes: sessions end, the helpers put everything back, and the next workbench goes on. */
  close(): void {
    this.#isClosed = true
    this.#stop.abort(new Problem('cancelled', 'the workbench was closed'))
    this.#goOn.resolve()
  }

  async #whilePaused(): Promise<void> {
    this.#waiting += 1
    let goOn: PromiseWithResolvers<void>
    // It may be paused again before a host has gone on.
    do {
      this.#notePaused()
      goOn = this.#goOn
      await goOn.promise
    } while (goOn !== this.#goOn)
    this.#waiting -= 1
  }

  #notePaused(): void {
    const open = this.#openHosts()
    if (this.#experiment.state === 'pausing' && open > 0 && this.#waiting >= open)
      this.#change({ ...this.#experiment, state: 'paused' }, true)
  }

  #openHosts(): number {
    return this.#experiment.hosts.filter(({ state }) => state === 'running').length
  }

  #endState(): 'done' | 'stopped' {
    return this.#experiment.hosts.some(({ state }) => state === 'done') ? 'done' : 'stopped'
  }

  #whyEnded(state: Experiment['state']): { readonly why?: string } {
    if (state === 'done' || this.#experiment.why !== undefined) return {}
    const reasons = this.#experiment.hosts.map(({ name, detail }) => `${name}: ${detail ?? 'it ended'}`)
    return { why: reasons.join('; ').slice(0, 2048) }
  }

  #change(next: Experiment, lasting: boolean): void {
    if (this.#isClosed) return
    this.#experiment = next
    this.#parts.onChange(next, lasting)
  }
}

function refused(verb: string, { state }: Experiment): Problem {
  return new Problem('not-applicable', `cannot ${verb} the experiment: it is ${state}`)
}
