// A small model of ksmd for tests of the governor: it walks all mergeable pages in rounds, merges a page on its
// second visit, and uses CPU for every page it looks at.

import type { GovernedGuest, KsmAction, KsmObservation } from '../../helper/src/policies/ksm-observation.ts'
import { withValue } from '../../src/shared/with-value.ts'

export interface ModelledGuest {
  readonly pid: number
  readonly name: string
  readonly startSeconds: number
  readonly residentPages: number
  /** Pages whose content another guest holds. */
  readonly identicalPages: number
  /** Merged pages that it writes to, per second. */
  readonly breaksPerSecond: number
  readonly monitorReachable: boolean
  /** It ends then. Absent: never. */
  readonly endSeconds?: number
  /** It fills its memory for so long after its start. Absent: at once. */
  readonly fillSeconds?: number
  /** The control group with a limit that it is in. Absent: none. */
  readonly group?: string
}

export interface KsmdModelOptions {
  readonly guests: readonly ModelledGuest[]
  /** Share of the identical pages that never merges (volatile). */
  readonly volatileRatio?: number
  readonly pressureRatio?: number
  readonly hugePageBytes?: number
  /** Of control groups, in pages; what is not merged counts. */
  readonly limitPages?: Readonly<Record<string, number>>
  /** Counters that this kernel or /proc does not show. */
  readonly hidden?: readonly ('ksmdCpuSeconds' | 'pagesScanned')[]
  readonly otherGovernors?: readonly string[]
}

const pageBytes = 4096
const secondsPerPage = 2.5e-6

export class KsmdModel {
  nowSeconds = 0
  run = 0
  cpuSeconds = 0
  measures = 0
  turnedOver: readonly number[] = []
  givenBack = 0
  otherGovernors: readonly string[]
  pressureRatio: number
  /** How guests use the processors. Undefined: not measured. */
  processor: KsmObservation['processor'] = undefined
  readonly #options: KsmdModelOptions
  readonly #off = new Set<number>()
  readonly #merged = new Map<number, number>()
  readonly #visits = new Map<number, number>()
  readonly #breaks = new Map<number, number>()
  #pagesToScan = 100
  #sleepSeconds = 0.02
  #scanned = 0
  #passScanned = 0
  #fullScans = 0
  #potential: KsmObservation['potential']

  constructor(options: KsmdModelOptions) {
    this.#options = options
    this.otherGovernors = options.otherGovernors ?? []
    this.pressureRatio = options.pressureRatio ?? 0
  }

  get mergedPages(): number {
    return [...this.#merged.values()].reduce((sum, pages) => sum + pages, 0)
  }

  present(): ModelledGuest[] {
    return this.#options.guests.filter(
      ({ startSeconds, endSeconds }) =>
        startSeconds <= this.nowSeconds && this.nowSeconds < (endSeconds ?? Number.POSITIVE_INFINITY),
    )
  }

  advance(seconds: number): void {
    this.nowSeconds += seconds
    for (const guest of this.present()) this.#breakSome(guest, seconds)
    if (this.run !== 1) return
    const round = this.#pagesToScan * secondsPerPage + this.#sleepSeconds
    const pages = Math.floor((seconds / round) * this.#pagesToScan)
    this.#scanned += pages
    this.cpuSeconds += pages * secondsPerPage
    this.#scan(pages)
  }

  apply(actions: readonly KsmAction[]): void {
    for (const action of actions) {
      if (action.kind === 'scan') {
        this.run = 1
        this.#pagesToScan = action.pagesToScan
        this.#sleepSeconds = action.sleepMillisecs / 1000
      } else if (action.kind === 'stop') this.run = 0
      else if (action.kind === 'measure') this.#measure()
      else if (action.kind === 'give-back') this.givenBack += 1
      else if (action.kind === 'take-over') this.otherGovernors = []
      else if (action.kind === 'merge-on') this.#off.delete(action.pid)
      else this.#switchOff(action.pid)
    }
  }

  observe(): KsmObservation {
    return {
      atSeconds: this.nowSeconds,
      pageBytes,
      run: this.run,
      rate: { pagesToScan: this.#pagesToScan, sleepMillisecs: this.#sleepSeconds * 1000 },
      otherGovernors: this.otherGovernors,
      counters: this.#withoutHidden({
        pagesShared: 0,
        pagesSharing: this.mergedPages,
        pagesUnshared: this.#countSeen(1) - this.mergedPages,
        pagesVolatile: this.#countSeen(0) - this.#countSeen(1) + this.#countRestless(),
        fullScans: this.#fullScans,
        pagesScanned: this.#scanned,
        ksmdCpuSeconds: this.cpuSeconds,
      }),
      ...(this.processor !== undefined && { processor: this.processor }),
      memory: {
        totalBytes: 16 * 2 ** 30,
        availableBytes: 8 * 2 ** 30,
        imageCacheBytes: 2 ** 30,
        pressureRatio: this.pressureRatio,
        ...withValue({ hugePageBytes: this.#options.hugePageBytes }),
      },
      ...withValue({ potential: this.#potential }),
      guests: this.present().map((guest) => this.#observeGuest(guest)),
    }
  }

  #withoutHidden(counters: KsmObservation['counters']): KsmObservation['counters'] {
    const shown = { ...counters }
    for (const counter of this.#options.hidden ?? []) delete shown[counter]
    return shown
  }

  #observeGuest(guest: ModelledGuest): GovernedGuest {
    const measured = this.#potential !== undefined && guest.startSeconds <= this.#potential.measuredAtSeconds
    const mergedPages = this.#merged.get(guest.pid) ?? 0
    return {
      pid: guest.pid,
      name: guest.name,
      ageSeconds: this.nowSeconds - guest.startSeconds,
      residentBytes: this.#filled(guest) * pageBytes,
      mergeable: !this.#off.has(guest.pid),
      monitorReachable: guest.monitorReachable,
      ...(measured && { potentialBytes: (guest.identicalPages - mergedPages) * pageBytes }),
      mergedBytes: mergedPages * pageBytes,
      breaks: Math.floor(this.#breaks.get(guest.pid) ?? 0),
      ...(this.turnedOver.includes(guest.pid) && { turnedOver: true }),
      ...withValue({ rooms: this.#roomsOf(guest) }),
    }
  }

  #filled({ startSeconds, residentPages, fillSeconds = 0 }: ModelledGuest): number {
    const age = this.nowSeconds - startSeconds
    return age >= fillSeconds ? residentPages : Math.floor((residentPages * age) / fillSeconds)
  }

  /** Only of a group that several guests share, as the live host reads them. */
  #roomsOf({ group }: ModelledGuest): GovernedGuest['rooms'] {
    const limitPages = this.#options.limitPages?.[group ?? '']
    const members = this.present().filter((guest) => guest.group === group)
    if (limitPages === undefined || members.length < 2) return undefined
    const used = members.reduce(
      (sum, guest) => sum + this.#filled(guest) - (this.#merged.get(guest.pid) ?? 0),
      0,
    )
    return [
      { limitBytes: limitPages * pageBytes, availableBytes: Math.max(0, limitPages - used) * pageBytes },
    ]
  }

  /** Pages that were visited more than `visits` times. */
  #countSeen(visits: number): number {
    const ratioOf = (guest: ModelledGuest) =>
      Math.max(0, Math.min(1, (this.#visits.get(guest.pid) ?? 0) - visits))
    return Math.floor(this.present().reduce((sum, guest) => sum + guest.residentPages * ratioOf(guest), 0))
  }

  #countRestless(): number {
    const ratio = this.#options.volatileRatio ?? 0
    return Math.floor(this.present().reduce((sum, { identicalPages }) => sum + identicalPages * ratio, 0))
  }

  #measure(): void {
    this.measures += 1
    let pages = 0
    for (const guest of this.present())
      if (!this.#off.has(guest.pid)) pages += guest.identicalPages - (this.#merged.get(guest.pid) ?? 0)
    this.#potential = {
      bytes: pages * pageBytes,
      savedPages: this.mergedPages,
      measuredAtSeconds: this.nowSeconds,
    }
  }

  #scan(pages: number): void {
    const walked = this.present().filter((guest) => !this.#off.has(guest.pid))
    const total = walked.reduce((sum, guest) => sum + guest.residentPages, 0)
    if (total === 0) return
    for (const guest of walked) this.#visit(guest, pages / total)
    this.#passScanned += pages
    this.#fullScans += Math.floor(this.#passScanned / total)
    this.#passScanned %= total
  }

  /** `share` of the guest's pages is looked at; what has been seen once before is merged. */
  #visit(guest: ModelledGuest, share: number): void {
    const visits = (this.#visits.get(guest.pid) ?? 0) + share
    this.#visits.set(guest.pid, visits)
    const reachable = guest.identicalPages * (1 - (this.#options.volatileRatio ?? 0))
    const merged = Math.min(reachable, Math.max(0, visits - 1) * reachable)
    this.#merged.set(guest.pid, Math.max(this.#merged.get(guest.pid) ?? 0, Math.floor(merged)))
  }

  #breakSome(guest: ModelledGuest, seconds: number): void {
    const broken = Math.min(this.#merged.get(guest.pid) ?? 0, guest.breaksPerSecond * seconds)
    this.#breaks.set(guest.pid, (this.#breaks.get(guest.pid) ?? 0) + broken)
  }

  #switchOff(pid: number): void {
    this.#off.add(pid)
    this.#merged.delete(pid)
    this.#visits.delete(pid)
  }
}
