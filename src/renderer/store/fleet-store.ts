// Keeps the fleet state and the link that feeds it; screens subscribe to slices.

import type { TextChannel } from '../../shared/channel/text-channel.ts'
import {
  type HostChange,
  type HostView,
  type PromptAnswer,
  type Sample,
  type SavedHost,
  shownTime,
} from '../../shared/contract/index.ts'
import { asProblem, type Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { type DesktopCall, Link } from '../link/link.ts'
import { open as openPage } from '../model/route.ts'
import { followWorkbench } from '../model/workbench-clock.ts'
import {
  changesFiguresOnly,
  emptyFleet,
  type FleetState,
  reduceList,
  reduceLoss,
  reduceNotification,
} from './fleet-state.ts'

const tellsWithinMs = 100
/** Of a large fleet some host is sampled all the time, each anew within seconds: their figures can wait. The largest first. */
const largeFleets = [
  { above: 200, tellsFiguresWithinMs: 1_000 },
  { above: 20, tellsFiguresWithinMs: 500 },
] as const

export class FleetStore {
  #fleet: FleetState = emptyFleet
  readonly #listeners = new Set<() => void>()
  readonly #link: Link
  #telling: ReturnType<typeof setTimeout> | undefined
  /** Of the timer: when it is over, by `performance.now()`. */
  #tellsAt = 0

  readonly #onUnkept: (problem: Problem) => void

  /** `onUnkept`: a choice of how pages look could not be kept. */
  constructor(open: () => Promise<TextChannel>, onUnkept: (problem: Problem) => void) {
    this.#onUnkept = onUnkept
    this.#link = new Link(open, {
      onOpen: () => this.reload(),
      onLost: (lost) => this.#replace(reduceLoss(this.#fleet, lost)),
      onNotification: (name, value) => {
        if (isPage(name, value)) openPage(value.page)
        const isSampled = isSample(name, value)
        if (isSampled) followWorkbench(shownTime(value.sample))
        const isFigures = isSampled || (isChange(name, value) && changesFiguresOnly(this.#fleet, value))
        const withinMs = isFigures ? this.#tellsFiguresWithinMs() : tellsWithinMs
        this.#replaceSoon(reduceNotification(this.#fleet, name, value), withinMs)
      },
    })
    this.call = this.#link.call
  }

  readonly call: DesktopCall

  start(): void {
    this.#link.start()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly snapshot = (): FleetState => this.#fleet

  find(hostId: string): HostView | undefined {
    return this.#fleet.hosts?.find(({ host }) => host.id === hostId)
  }

  /** Resolves when the helper runs in the new mode; until then nothing can be asked of the host. */
  async switchMode(view: HostView, mode: SavedHost['mode']): Promise<void> {
    const hostId = view.host.id
    const wasConnected = view.connection.state === 'connected'
    this.#replace({ ...this.#fleet, switching: [...this.#fleet.switching, hostId] })
    try {
      await this.call('hosts/set-mode', { hostId, mode })
      if (wasConnected) await this.call('hosts/connect', { hostId })
    } finally {
      this.#replace({ ...this.#fleet, switching: this.#fleet.switching.filter((id) => id !== hostId) })
    }
  }

  /** Shown at once; where it cannot be kept, that is told, and it holds until the next list of the fleet. */
  choose(name: string, value: string | undefined): void {
    const { [name]: _, ...others } = this.#fleet.choices ?? {}
    const choices = value === undefined ? others : { ...others, [name]: value }
    // Before the first list the others are not known, and one alone would say that nothing else was chosen.
    if (this.#fleet.choices) this.#replace({ ...this.#fleet, choices })
    this.call('choices/set', { name, ...withValue({ value }) }).catch((error: unknown) =>
      this.#onUnkept(asProblem(error)),
    )
  }

  /** The dialog closes at once; main has the answer or, after a lost link, asks again. */
  async answer(promptId: string, answer: PromptAnswer): Promise<void> {
    const prompts = this.#fleet.prompts.filter(({ id }) => id !== promptId)
    this.#replace({ ...this.#fleet, prompts })
    await this.call('prompts/answer', { id: promptId, answer })
  }

  /** Lists the hosts again; where that fails, the link says why. */
  reload(): void {
    this.call('fleet/list', {}).then(
      ({ at, ...listed }) => {
        followWorkbench(at)
        this.#replace(reduceList(this.#fleet, listed))
      },
      (error: unknown) => {
        const problem = asProblem(error, 'cannot list the hosts')
        // A link that was lost in between opens again and lists again.
        if (problem.code === 'disconnected') return
        this.#replace({ ...this.#fleet, link: { state: 'failed', problem: problem.toData() } })
      },
    )
  }

  #tellsFiguresWithinMs(): number {
    const hosts = this.#fleet.hosts?.length ?? 0
    return largeFleets.find(({ above }) => hosts > above)?.tellsFiguresWithinMs ?? tellsWithinMs
  }

  /** A fleet of a hundred brings as many notifications a second; the screens are told of them together. */
  #replaceSoon(fleet: FleetState, withinMs: number): void {
    this.#fleet = fleet
    const tellsAt = performance.now() + withinMs
    if (this.#telling !== undefined && this.#tellsAt <= tellsAt) return
    clearTimeout(this.#telling)
    this.#tellsAt = tellsAt
    this.#telling = setTimeout(() => this.#replace(this.#fleet), withinMs)
  }

  #replace(fleet: FleetState): void {
    clearTimeout(this.#telling)
    this.#telling = undefined
    this.#fleet = fleet
    for (const listener of this.#listeners) listener()
  }
}

function isSample(name: string, value: object): value is { readonly sample: Sample } {
  return name === 'sample/added' && 'sample' in value
}

function isChange(name: string, value: object): value is HostChange {
  return name === 'host/changed' && 'host' in value
}

function isPage(name: string, value: object): value is { readonly page: string } {
  return name === 'page/shown' && 'page' in value
}
