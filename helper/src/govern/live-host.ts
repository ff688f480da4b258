// The governed host that is this machine.

import type { Policy } from '../../../src/shared/contract/policies.ts'
import { asProblem } from '../../../src/shared/problem.ts'
import { InTurn } from '../../../src/shared/time/in-turn.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { ChangeContext } from '../changes/change.ts'
import { findGuests, type Guest } from '../guests/guests.ts'
import { MergedFrames } from '../identical-pages/scan/merged-frames.ts'
import type { Image } from '../images/image.ts'
import { diskOfImage, keyOfIdentity } from '../images/image-identity.ts'
import { ImageRoster } from '../images/list-images.ts'
import { readCacheLimitBytes } from '../kernel/cache-limit.ts'
import { readKsmdCpuSeconds } from '../kernel/ksmd.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readKsmSettings, readScanCounters } from '../kernel/read-ksm.ts'
import { giveBack } from '../ksm/give-back.ts'
import { type GivenBack, hugePageBudget } from '../ksm/huge-page-budget.ts'
import { processAnchor } from '../ksm/live-burst-tools.ts'
import { aimOf, type MeasuredPotential } from '../ksm/potential.ts'
import { atNormalPriority, atPriorityOf } from '../pacing/idle-priority.ts'
import { backgroundCpuRatio } from '../pacing/pace.ts'
import type { Exclusions } from '../pacing/scan-options.ts'
import { KnownContents } from '../page-cache/known-contents.ts'
import { findOtherWriters } from '../page-cache/openers.ts'
import { mayHurry } from '../policies/boot-haste.ts'
import type { BurstCounters } from '../policies/ksm-burst.ts'
import type { KsmAction, KsmObservation } from '../policies/ksm-observation.ts'
import type { Evict } from '../policies/scrub-action.ts'
import type { ImageObservation, ScrubObservation } from '../policies/scrub-observation.ts'
import { ContentTurnover } from './content-turnover.ts'
import { EvictionLedger } from './eviction-ledger.ts'
import type { EvictedImage, GovernedHost, LookAsked, Seen } from './governed-host.ts'
import { GuardedImages } from './guarded-images.ts'
import { GuestProcessor } from './guest-processor.ts'
import { GuestReadsFollower } from './guest-reads.ts'
import { GuestSwitches } from './guest-switches.ts'
import { readHostMemory } from './host-memory.ts'
import { ImageCaches, type ImageGuards, regionPages } from './image-caches.ts'
import { applyKsmActions } from './ksm-actions.ts'
import { measureHost } from './measure-host.ts'
import { applyMergeActions } from './merge-actions.ts'
import { MergeBreaks } from './merge-breaks.ts'
import { type AimedPotential, KsmObserver } from './observe-ksm.ts'
import { StorageFollower } from './storage-follower.ts'

/** Guests and their images are listed again this often; other writers of images less often. */
const rosterSeconds = 5
const writersSeconds = 15

export class LiveHost implements GovernedHost {
  readonly #context: ChangeContext
  readonly #regretWindowSeconds: number
  readonly #caches: ImageCaches
  readonly #ksm = new KsmObserver()
  readonly #switches: GuestSwitches
  readonly #breaks = new MergeBreaks()
  /** Switched since the last measurement. */
  readonly #switched = new Set<number>()
  readonly #exclusions: Exclusions
  readonly #switchesGuests: boolean
  readonly #hurries: boolean
  readonly #remembered = { mergedFrames: new MergedFrames(), knownContents: new KnownContents() }
  readonly #ledger: EvictionLedger
  readonly #roster: ImageRoster
  readonly #guards: Policy['scrub']['guards']
  #guarded: GuardedImages | undefined
  /** What is said of processes, descriptors and the policy's paths as long as it holds: said once. */
  #said = new Set<string>()
  /** For the next look to say: guests are listed for measurements, too. */
  readonly #news: string[] = []
  #guests: readonly Guest[] = []
  #rosterAt = Number.NEGATIVE_INFINITY
  #writersAt = Number.NEGATIVE_INFINITY
  #foreignWritten: ReadonlySet<string> = new Set()
  readonly #turnover: ContentTurnover
  readonly #reads: GuestReadsFollower
  readonly #storage: StorageFollower
  readonly #processor: GuestProcessor
  #potential: AimedPotential | undefined
  /** `full_scans` at the last look during a burst. */
  #fullScans: number | undefined
  #unreadable: string[] = []
  #isMeasuring = false
  readonly #turns = new InTurn()

  constructor(context: ChangeContext, policy: Policy) {
    this.#context = context
    this.#guards = policy.scrub.guards
    this.#roster = new ImageRoster(context.root)
    this.#regretWindowSeconds = policy.scrub.guards.regretWindowSeconds
    this.#exclusions = { guests: policy.ksm.exclude, images: policy.scrub.guards.exclude }
    this.#switchesGuests = policy.ksm.mode === 'govern'
    this.#hurries = mayHurry(policy.ksm)
    this.#switches = new GuestSwitches(context.root)
    this.#turnover = new ContentTurnover(context.root, (line) => this.#unreadable.push(line))
    this.#reads = new GuestReadsFollower(context.root, (line) => this.#unreadable.push(line))
    this.#storage = new StorageFollower(context.root)
    this.#processor = new GuestProcessor(context.root)
    this.#ledger = new EvictionLedger(context)
    this.#caches = new ImageCaches((line) => this.#unreadable.push(line))
  }

  readonly pageBytes = pageSize

  nowSeconds = () => performance.now() / 1000

  cpuSeconds = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }

  /** Looks and acts that a measurement in the same thread must not hold up where the host is busy. */
  #promptly = <T>(work: () => Promise<T>): Promise<T> => atNormalPriority(() => this.#isMeasuring, work)

  observe = (asked: LookAsked): Promise<Seen> => this.#promptly(() => this.#observe(asked))

  async #observe(asked: LookAsked): Promise<Seen> {
    const { root } = this.#context
    await this.#followRoster(asked.newcomers)
    this.#unreadable = this.#news.splice(0)
    const look = this.#lookNow()
    const images = await this.#caches.observeImages(look, (image) => this.#guardsOf(image), asked.only)
    const memory = await readHostMemory(root, images)
    const ksm =
      asked.ksm &&
      (await this.#ksm.observeKsm({
        root,
        nowSeconds: look.nowSeconds,
        memory,
        ...withValue({ processor: await this.#processor.readSince(this.#guests, look.nowSeconds) }),
        guests: this.#guests,
        potential: this.#potential,
        turnedOver: await this.#turnover.findTurnedOver(this.#switchesGuests ? this.#guests : []),
        switches: this.#switches,
        breaks: this.#breaks,
        readsRooms: this.#hurries,
        noteUnreadable: (line) => this.#unreadable.push(line),
      }))
    const scrub = await this.#observeScrub(look.nowSeconds, images, memory)
    return { scrub, ...(ksm && { ksm }), unreadable: this.#unreadable }
  }

  async measure(signal: AbortSignal): Promise<void> {
    await this.#followRoster()
    const options = {
      root: this.#context.root,
      signal,
      reportProgress: () => undefined,
      cpuRatio: backgroundCpuRatio,
      exclusions: this.#exclusions,
      log: this.#context.log,
    }
    this.#isMeasuring = true
    const measured = await atPriorityOf(options.cpuRatio, () =>
      measureHost(this.#guests, this.#caches, options, this.#remembered, this.nowSeconds()).finally(() => {
        this.#isMeasuring = false
      }),
    )
    this.#potential = { ...measured, savedPages: await this.#countSaved(measured) }
    this.#noteMeasured(this.#potential)
    if (this.#switchesGuests) await this.#turnover.begin(this.#guests)
  }

  async readBurst(): Promise<BurstCounters> {
    const { root } = this.#context
    const counters = await readScanCounters(root)
    const passEnded = this.#fullScans !== undefined && counters.fullScans > this.#fullScans
    this.#fullScans = counters.fullScans
    if (passEnded && !processAnchor.isPlaced)
      await processAnchor.place(root, (await readKsmSettings(root)).pagesToScan)
    return counters
  }

  readKsmdCpu = (): Promise<number | undefined> => readKsmdCpuSeconds(this.#context.root)

  giveBack(seconds: number, signal: AbortSignal): Promise<GivenBack> {
    return giveBack(this.#context, this.#guests, { ...hugePageBudget, seconds }, signal)
  }

  applyKsm = (actions: readonly KsmAction[]): Promise<void> => this.#promptly(() => this.#applyKsm(actions))

  async #applyKsm(actions: readonly KsmAction[]): Promise<void> {
    await applyKsmActions(this.#context, actions, processAnchor)
    this.#ksm.noteAsked(actions)
    for (const { pid, mergeable } of await applyMergeActions(this.#context, this.#guests, actions)) {
      this.#switched.add(pid)
      if (mergeable === undefined) this.#switches.noteFailed(pid, this.nowSeconds())
      else this.#switches.noteSwitched(pid, mergeable)
    }
    if (actions.some(({ kind }) => kind === 'take-over')) this.#ksm.lookAgain()
  }

  evict = (actions: readonly Evict[]): Promise<readonly EvictedImage[]> =>
    this.#promptly(async () => {
      const evicted = await this.#caches.evict(actions, this.nowSeconds())
      this.#ledger.addEvicted(evicted, this.nowSeconds())
      return evicted
    })

  readBack = (pages: number): Promise<number> =>
    this.#promptly(() => this.#caches.readBack(this.#lookNow(), pages))

  #lookNow = () => ({ nowSeconds: this.nowSeconds(), regretWindowSeconds: this.#regretWindowSeconds })

  /** Writes to the audit what a killed run evicted last. Before the first round; a dry run leaves it. */
  recoverAudit = (): Promise<void> => this.#ledger.recover()

  /** Writes what the audit does not hold yet. */
  close = (): void => this.#ledger.flush(this.nowSeconds())

  /** A look and a measurement may ask at the same time: guests' monitors are asked once. */
  #followRoster = (newcomers = false): Promise<void> => this.#turns.run(() => this.#listWhenDue(newcomers))

  async #listWhenDue(newcomers: boolean): Promise<void> {
    const { root } = this.#context
    const now = this.nowSeconds()
    const anew = this.#caches.takeGone()
    const isDue = now - this.#rosterAt >= rosterSeconds || anew
    if (!isDue && !newcomers) return
    const found = await findGuests(root)
    if (!isDue && found.guests.every(({ pid }) => this.#guests.some((known) => known.pid === pid))) return
    this.#guests = found.guests
    const { images, unreadable } = await this.#roster.listImages(this.#guests, anew)
    const lasting = [...found.unreadable, ...unreadable].filter(({ problem }) => problem.code !== 'gone')
    this.#guarded = new GuardedImages(root, images, this.#guards)
    this.#sayOnce([...lasting.map(({ problem }) => problem.message), ...this.#guarded.explainUnmatched()])
    this.#caches.follow(images)
    // Monitors answer some time after a guest has started: they are asked at the usual pace.
    if (!isDue) return
    this.#rosterAt = now
    if (this.#switchesGuests) await this.#switches.follow(this.#guests, now)
    await this.#followWriters(images, now)
  }

  #guardsOf(image: Image): ImageGuards {
    const foreignWriter = this.#foreignWritten.has(keyOfIdentity(image.id))
    return { foreignWriter, ...this.#guarded?.guardsOf(image) }
  }

  /** Again once it has not held for a while. */
  #sayOnce(lines: readonly string[]): void {
    this.#news.push(...lines.filter((line) => !this.#said.has(line)))
    this.#said = new Set(lines)
  }

  /** On a kernel without KSM nothing is. */
  async #countSaved(measured: MeasuredPotential): Promise<number> {
    const { root } = this.#context
    try {
      return (await aimOf(root, measured, await readScanCounters(root))).savedPages
    } catch (error) {
      if (asProblem(error).code !== 'not-supported') throw error
      return 0
    }
  }

  #noteMeasured({ guests, measuredAtSeconds }: MeasuredPotential): void {
    for (const [pid, { mergedBytes }] of guests)
      this.#breaks.noteMerged(pid, mergedBytes / this.pageBytes, measuredAtSeconds, this.#switched.has(pid))
    this.#breaks.keepOnly(new Set(guests.keys()))
    this.#switched.clear()
  }

  async #followWriters(images: readonly Image[], now: number): Promise<void> {
    if (now - this.#writersAt < writersSeconds) return
    const pids = this.#guests.map(({ pid }) => pid)
    const { writers } = await findOtherWriters(this.#context.root, images, pids)
    this.#foreignWritten = new Set(writers.keys())
    this.#writersAt = now
  }

  async #observeScrub(
    atSeconds: number,
    images: ImageObservation[],
    memory: KsmObservation['memory'],
  ): Promise<ScrubObservation> {
    const { root } = this.#context
    const pids = this.#guests.map(({ pid }) => pid)
    const limitBytes = await readCacheLimitBytes(root, memory, pids)
    const opened = this.#caches.list().map(({ image }) => image)
    const disks = opened.map(({ id }) => diskOfImage(id))
    return {
      atSeconds,
      pageBytes: pageSize,
      regionPages,
      memory: {
        imageCachePages: memory.imageCacheBytes / pageSize,
        imageCacheLimitPages: Math.floor(limitBytes / pageSize),
        ...withValue({ pressureRatio: memory.pressureRatio }),
      },
      ...(await this.#storage.readSince(disks, pids, atSeconds)),
      guests: await this.#reads.readSince(this.#guests, opened),
      images,
    }
  }
}
