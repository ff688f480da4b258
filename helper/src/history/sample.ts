// The sample: figures of a host that cost almost nothing, taken every few seconds for history and charts.
import { setImmediate } from 'node:timers/promises'
import type { Sample } from '../../../src/shared/contract/history.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { StateFolders } from '../changes/state-folders.ts'
import { findGuests, type Guest } from '../guests/guests.ts'
import type { ListedImages } from '../images/image.ts'
import { readBusySeconds } from '../kernel/host-cpu.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { type Meminfo, readMeminfo } from '../kernel/meminfo.ts'
import { readStartTime } from '../kernel/process-stat.ts'
import { readKsmSettings } from '../kernel/read-ksm.ts'
import { readVmEvents } from '../kernel/vmstat.ts'
import { describeGovernors, findGovernors } from '../ksm/governors.ts'
import { readKsmStatus } from '../ksm/status.ts'
import { MonitorSampler, type RosteredGuest } from '../monitors/sample-monitors.ts'
import type { ResidencyCounter } from '../page-cache/residency-counter.ts'
import { sampleDisks } from './sample-disks.ts'
import { sampleGauges } from './sample-gauges.ts'
import { type GuestFigures, noteSharedGroups, sampleGuest } from './sample-guest.ts'
import { ImageSampler } from './sample-images.ts'

// What takes a look at all processes or descriptors is repeated every so many samples.
const rosterEvery = 5
const governorsEvery = 15
const walkedResidencyEvery = 5
/** Guests looked at between two pauses: some milliseconds. */
const guestsAtOnce = 64

export interface SamplerOptions {
  readonly root: KernelRoot
  readonly folders: StateFolders
  readonly counter: ResidencyCounter
  /** Of each sample: cheap where descriptors stand as they did. Injected, as it needs the C library. */
  readonly listImages: (root: KernelRoot, guests: readonly Guest[], anew: boolean) => Promise<ListedImages>
}

/** Takes samples of one host. Keeps between samples what is expensive to find: guests, their images, other governors. */
export class Sampler {
  readonly #options: SamplerOptions
  #taken = 0
  #guests: readonly RosteredGuest[] = []
  #leftOut: Sample['unreadable'] = []
  readonly #images: ImageSampler
  #governors: readonly string[] = []
  readonly #monitors: MonitorSampler

  constructor(options: SamplerOptions) {
    this.#options = options
    this.#images = new ImageSampler(options.counter)
    this.#monitors = new MonitorSampler(options.root)
  }

  /** `askMonitors`: all of them now, not only those whose turn it is. */
  async takeSample(askMonitors = false): Promise<Sample> {
    const { root } = this.#options
    const guests = await this.#sampleGuests()
    const monitors = await this.#monitors.sampleMonitors(this.#guests, askMonitors)
    const { listed, images } = await this.#takeImages()
    const ksm = await this.#readKsm()
    const meminfo = await readMeminfo(root)
    this.#taken += 1
    return {
      at: wallClock(),
      monotonicSeconds: performance.now() / 1000,
      memory: memoryOf(meminfo),
      gauges: await sampleGauges(root, meminfo),
      events: await readVmEvents(root),
      ...withValue({ ksm, busyCpuSeconds: await readBusySeconds(root) }),
      guests: noteSharedGroups(guests).map((guest) => ({ ...guest, ...monitors.figures.get(guest.pid) })),
      images: images.images,
      disks: await sampleDisks(root, listed.images),
      helper: ownCost(),
      unreadable: [
        ...this.#leftOut,
        ...listed.unreadable,
        ...guests.flatMap(({ unreadable }) => unreadable),
        ...images.unreadable,
        ...monitors.unreadable,
      ],
    }
  }

  /** After a switch of a guest's merging. */
  forgetMerging(): void {
    this.#monitors.forgetMerging()
  }

  async #takeImages() {
    const mayWalk = this.#taken % walkedResidencyEvery === 0
    const take = async (anew: boolean) => {
      const listed = await this.#options.listImages(this.#options.root, this.#guests, anew)
      return { listed, images: await this.#images.sampleImages(listed.images, mayWalk) }
    }
    const taken = await take(false)
    // A descriptor is another file's by now: the next look finds which.
    return taken.images.unreadable.some(({ problem }) => problem.code === 'gone') ? take(true) : taken
  }

  /** Of the guests that are known, as long as all of them are there: looking for others costs more than their figures. */
  async #sampleGuests(): Promise<GuestFigures[]> {
    const { root } = this.#options
    if (this.#taken % rosterEvery !== 0) {
      const sampled = await sampleGuests(root, this.#guests)
      if (sampled.every(({ startTime }, index) => startTime === this.#guests[index]?.startTime))
        return sampled
    }
    await this.#readRoster()
    return await sampleGuests(root, this.#guests)
  }

  async #readRoster(): Promise<void> {
    const { root } = this.#options
    const { guests, unreadable } = await findGuests(root)
    this.#leftOut = unreadable
    const rostered = await Promise.all(
      guests.map(async (guest) => ({ ...guest, startTime: await readStartTime(root, guest.pid) })),
    )
    this.#guests = rostered.flatMap(({ startTime, ...guest }) =>
      startTime === undefined ? [] : [{ ...guest, startTime }],
    )
  }

  /** Absent: this kernel has no KSM. */
  async #readKsm(): Promise<Sample['ksm']> {
    try {
      if (this.#taken % governorsEvery === 0) {
        const settings = await readKsmSettings(this.#options.root)
        this.#governors = describeGovernors(await findGovernors(this.#options.root, settings))
      }
      return await readKsmStatus({ ...this.#options, governors: this.#governors })
    } catch (error) {
      if (error instanceof Problem && error.code === 'not-supported') return undefined
      throw error
    }
  }
}

/** One after the other, with pauses in between, in which other requests are answered. */
async function sampleGuests(root: KernelRoot, guests: readonly RosteredGuest[]): Promise<GuestFigures[]> {
  const sampled: GuestFigures[] = []
  for (const guest of guests) {
    sampled.push(await sampleGuest(root, guest))
    if (sampled.length % guestsAtOnce === 0) await setImmediate()
  }
  return sampled
}

function memoryOf(meminfo: Meminfo): Sample['memory'] {
  return {
    totalBytes: meminfo.memTotalBytes,
    freeBytes: meminfo.memFreeBytes,
    availableBytes: meminfo.memAvailableBytes,
    cachedBytes: meminfo.cachedBytes,
  }
}

function ownCost(): Sample['helper'] {
  const { user, system } = process.cpuUsage()
  return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() }
}
