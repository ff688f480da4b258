// What the fleet page adds up and filters. Sums only over hosts that report the figure, and says how many. Pure.
import { type HostView, shownTime, type Task } from '../../shared/contract/index.ts'
import { guestsKey, kernelKey, type Once, sumOnce } from '../../shared/figures/one-machine.ts'
import { describeState, problemOf } from './host-state.ts'

export interface Total {
  readonly bytes: number
  /** Hosts that report the figure. */
  readonly hosts: number
}

export interface FleetFigures {
  readonly hosts: number
  /** Fewer than hosts where some share a kernel; a host that was never connected counts as one. */
  readonly machines: number
  readonly up: number
  readonly down: number
  readonly trouble: readonly HostView[]
  readonly tasks: readonly { readonly view: HostView; readonly task: Task }[]
  readonly memory: Total
  readonly available: Total
  readonly reclaimable: Total
  readonly mergeable: Total
  readonly doubleCached: Total
  readonly imageCache: Total
  readonly reclaimed: Total
}

function arrivalOf({ latest }: HostView): number {
  return latest === undefined ? 0 : shownTime(latest)
}

/** What hosts of one machine have in common counts once, as the newest of their samples says it. */
export function figuresOf(views: readonly HostView[]): FleetFigures {
  const up = views.filter(({ connection }) => connection.state === 'connected').length
  const newest = views.toSorted((one, other) => arrivalOf(other) - arrivalOf(one))
  const ofKernels = (read: Read) => total(newest, { key: kernelKey, read })
  const ofGuests = (read: Read) => total(newest, { key: guestsKey, read })
  // Each host's scrubs are its own, whoever else is on its machine; what is merged there is not.
  const evicted = total(views, {
    key: () => undefined,
    read: (view) =>
      view.reclaimedBytes === undefined ? undefined : view.reclaimedBytes - (mergedOf(view) ?? 0),
  })
  return {
    hosts: views.length,
    machines: sumOnce(views, { key: kernelKey, read: () => 1 }).value,
    up,
    down: views.filter((view) => describeState(view).tone === 'bad').length,
    trouble: views.filter(({ connection }) => problemOf(connection) !== undefined),
    tasks: views.flatMap((view) => view.tasks.map((task) => ({ view, task }))),
    memory: ofKernels((view) => view.latest?.memory.totalBytes),
    available: ofKernels((view) => view.latest?.memory.availableBytes),
    reclaimable: ofGuests((view) => view.reclaimableBytes),
    mergeable: ofGuests((view) => view.assessment?.totals.mergeableBytes),
    doubleCached: ofGuests((view) => view.doubleCachedBytes),
    imageCache: ofGuests(imageCacheOf),
    reclaimed: { bytes: ofKernels(mergedOf).bytes + evicted.bytes, hosts: evicted.hosts },
  }
}

function mergedOf(view: HostView): number | undefined {
  return view.latest?.ksm?.mergedBytes
}

export function imageCacheOf(view: HostView): number | undefined {
  return view.latest?.images.reduce((total, image) => total + image.residentBytes, 0)
}

/** Of one core, over all guests of which it is known. undefined: guests run, and none has been sampled twice. */
export function guestCpuOf({ latest }: HostView): number | undefined {
  if (!latest) return undefined
  const known = latest.guests.flatMap(({ cpuRatio }) => cpuRatio ?? [])
  if (known.length === 0 && latest.guests.length > 0) return undefined
  return known.reduce((sum, ratio) => sum + ratio, 0)
}

export interface MemoryParts {
  readonly guests: number
  readonly images: number
  /** In use by neither: what is not available less the guests. */
  readonly other: number
  readonly available: number
  readonly total: number
}

/** Undefined until the first sample. Guests may overlap with "other" by what KSM merged; never below 0. */
export function memoryPartsOf(view: HostView): MemoryParts | undefined {
  if (!view.latest) return undefined
  const { totalBytes: total, availableBytes: available } = view.latest.memory
  const guests = view.latest.guests.reduce((bytes, guest) => bytes + guest.rssBytes, 0)
  const other = Math.max(0, total - available - guests)
  return { guests, images: imageCacheOf(view) ?? 0, other, available, total }
}

type Read = Once<HostView>['read']

function total(views: readonly HostView[], once: Once<HostView>): Total {
  const { value, items } = sumOnce(views, once)
  return { bytes: value, hosts: items }
}

/** Every word of `text` occurs in the name, the address, a tag, the state or a guest's name. Without any, the same list. */
export function filterHosts(
  views: readonly HostView[],
  text: string,
  tag: string | null,
): readonly HostView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 && tag === null) return views
  return views.filter((view) => {
    if (tag !== null && !view.host.tags.includes(tag)) return false
    const { label, reason } = describeState(view)
    const guests = view.latest?.guests.map((guest) => guest.name) ?? []
    const { name, address, tags } = view.host
    const hay = [name, address, ...tags, label, reason ?? '', ...guests].join(' ').toLowerCase()
    return words.every((word) => hay.includes(word))
  })
}

export interface TagGroup {
  /** Absent: the hosts without a tag. */
  readonly tag?: string
  readonly holds: (view: HostView) => boolean
}

/** A group per tag, by name; a host with two tags is in both. Last those without. */
export function groupsByTag(views: readonly HostView[]): TagGroup[] {
  const groups: TagGroup[] = tagsOf(views).map((tag) => ({
    tag,
    holds: ({ host }) => host.tags.includes(tag),
  }))
  const untagged: TagGroup = { holds: ({ host }) => host.tags.length === 0 }
  return views.some(untagged.holds) ? [...groups, untagged] : groups
}

export function tagsOf(views: readonly HostView[]): string[] {
  return [...new Set(views.flatMap(({ host }) => host.tags))].sort()
}
