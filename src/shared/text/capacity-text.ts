// Capacity as text: how many more guests, what limits them, and the bad day beside every saving. Pure.
import type { BadDay, Capacity, CapacityAnswer, CapacityScenario } from '../contract/capacity.ts'
import { formatBytes, formatRatio, formatSeconds } from '../units.ts'
import { tableLines } from './table.ts'
import { ownLines } from './terminal.ts'

export const resourceNames = { memory: 'memory', cpu: 'processors', reads: 'reads from storage' } as const

/** `12 (9 to 15)`; `not known because …`; `no limit: …`. */
export function describeAnswer(answer: CapacityAnswer, format: (value: number) => string): string {
  if (answer.kind === 'not-known') return `not known because ${answer.because}`
  if (answer.kind === 'no-limit') return `no limit: ${answer.because}`
  const [best, low, high] = [answer.best, answer.low, answer.high].map(format)
  return low === high ? `${best}` : `${best} (${low} to ${high})`
}

/** Whole guests: half of one is none. */
export const wholeGuests = (count: number) => `${Math.floor(count)}`
/** `1.50x`. */
export const times = (ratio: number) => `${ratio.toFixed(2)}x`

/** The sentence that answers the question. */
export function headlineOf(
  { like }: Pick<Capacity, 'like'>,
  { guests, endsFirst }: CapacityScenario,
): string {
  const name = like?.name ?? 'these'
  if (guests.kind !== 'known') return `More guests like ${name}: ${describeAnswer(guests, wholeGuests)}`
  const limit = endsFirst === undefined ? '' : `, limited by ${resourceNames[endsFirst]}`
  const { best, low, high } = guests
  const span = low === high ? '' : ` (${wholeGuests(low)} to ${wholeGuests(high)})`
  return `${wholeGuests(best)}${span} more guest${Math.floor(best) === 1 ? '' : 's'} like ${name}${limit}`
}

export interface CapacityFigure {
  readonly name: string
  readonly answer: CapacityAnswer
  readonly format: (value: number) => string
}

/** What there is for more guests, in the order in which screen and report show it. */
export function roomFigures({
  room,
  takes,
  reserve,
  safeOvercommit,
}: CapacityScenario): readonly CapacityFigure[] {
  return [
    { name: 'Room for guests', answer: room, format: formatBytes },
    { name: 'One more takes', answer: takes, format: formatBytes },
    { name: 'Reserve for broken merges', answer: reserve, format: formatBytes },
    { name: 'Safe overcommit, measured', answer: safeOvercommit, format: times },
  ]
}

/** What it takes when merged pages break, in the order in which screen and report show it. */
export function badDayFigures(badDay: BadDay): readonly CapacityFigure[] {
  const { filled } = badDay
  return [
    { name: 'Merged', answer: badDay.merged, format: formatBytes },
    { name: 'Memory that broken pages can take', answer: badDay.spare, format: formatBytes },
    { name: 'Breaks a second, at the rate seen', answer: badDay.rate, format: formatBytes },
    { name: 'Until memory is gone at that rate', answer: badDay.rateSeconds, format: formatSeconds },
    { name: 'Missing if all break at once', answer: badDay.worstMissing, format: formatBytes },
    { name: 'Until then, at the fastest', answer: badDay.worstSeconds, format: formatSeconds },
    { name: 'Missing then, once the guests that fit run', answer: filled.missing, format: formatBytes },
    {
      name: 'Until memory is gone then, at the rate seen',
      answer: filled.rateSeconds,
      format: formatSeconds,
    },
    {
      name: 'Until then, at the fastest, with these guests',
      answer: filled.worstSeconds,
      format: formatSeconds,
    },
  ]
}

/** What stands beside a saving: whether it can be kept when merged pages break, now and once it is spent on guests. */
export function describeWorst(badDay: BadDay): string {
  const worst = describeWhenAllBreak(badDay)
  return badDay.worstMissing.kind === 'known' ? `if all merged pages break at once, ${worst}` : worst
}

/** The same below a head that says when. */
export function describeWhenAllBreak({ worstMissing, worstSeconds, filled }: BadDay): string {
  if (worstMissing.kind !== 'known') return `the worst case is ${describeAnswer(worstMissing, formatBytes)}`
  const now =
    worstMissing.best <= 0
      ? 'everything still fits'
      : `${formatBytes(worstMissing.best)} are missing${describeSoon(worstSeconds)}`
  return `${now}${describeFilled(worstMissing.best, filled)}`
}

function describeFilled(missingNow: number, { missing, worstSeconds }: BadDay['filled']): string {
  if (missing.kind !== 'known' || missing.best === missingNow) return ''
  return `; once the guests that fit run, ${formatBytes(missing.best)} are missing${describeSoon(worstSeconds)}`
}

function describeSoon(seconds: CapacityAnswer): string {
  return seconds.kind === 'known' ? ` ${formatSeconds(seconds.best)} later at the earliest` : ''
}

/** For terminals. */
export function formatCapacity(capacity: Capacity): string {
  const { memory, like, scenarios, notes, stale } = capacity
  return ownLines([
    ...scenarios.flatMap((scenario) => scenarioLines(capacity, scenario)),
    'Memory',
    ...tableLines(
      ['part', ' bytes'],
      [
        ['total', formatBytes(memory.totalBytes)],
        ...(memory.limitBytes === undefined ? [] : [['limit of the guests', formatBytes(memory.limitBytes)]]),
        ['free', formatBytes(memory.freeBytes)],
        ['cache that can go', describeAnswer(memory.reclaimable, formatBytes)],
        ['images cached', formatBytes(memory.imageCacheBytes)],
        ['double cached', formatBytes(memory.doubleCachedBytes)],
        ['mergeable', formatBytes(memory.mergeableBytes)],
        ['merged', describeAnswer(memory.mergedBytes, formatBytes)],
      ],
    ),
    ...(like === undefined ? [] : likeLines(like)),
    ...overcommitLines(capacity),
    ...(stale === undefined ? [] : [stale]),
    ...notes,
  ])
}

function scenarioLines(capacity: Capacity, scenario: CapacityScenario): string[] {
  const { badDay } = scenario
  return [
    `${scenario.title}: ${headlineOf(capacity, scenario)}`,
    ...tableLines(
      ['by', 'more guests', 'why'],
      scenario.resources.map(({ resource, guests, why }) => [
        resourceNames[resource],
        describeAnswer(guests, wholeGuests),
        why,
      ]),
    ),
    `Reserve for merged pages that break: ${describeAnswer(scenario.reserve, formatBytes)}`,
    `Safe overcommit by measurement: ${describeAnswer(scenario.safeOvercommit, times)}`,
    `Bad day: ${describeWorst(badDay)}`,
    ...tableLines(
      ['bad day', 'figure'],
      [
        ['merged', describeAnswer(badDay.merged, formatBytes)],
        ['spare memory', describeAnswer(badDay.spare, formatBytes)],
        ['breaks a second', describeAnswer(badDay.rate, formatBytes)],
        ['until it is gone, at this rate', describeAnswer(badDay.rateSeconds, formatSeconds)],
        ['missing if all breaks', describeAnswer(badDay.worstMissing, formatBytes)],
        ['until then, at the fastest', describeAnswer(badDay.worstSeconds, formatSeconds)],
        ['missing once those that fit run', describeAnswer(badDay.filled.missing, formatBytes)],
        ['until then, at this rate', describeAnswer(badDay.filled.rateSeconds, formatSeconds)],
        ['until then, at the fastest', describeAnswer(badDay.filled.worstSeconds, formatSeconds)],
      ],
    ),
    ...tableLines(
      ['hurts most', ' merged', 'broke a second', 'ended as'],
      badDay.hurt
        .slice(0, 5)
        .map(({ name, mergedBytes, brokePerSecond, killedAs }) => [
          name,
          formatBytes(mergedBytes),
          describeAnswer(brokePerSecond, formatBytes),
          killedAs === undefined ? 'not known' : `number ${killedAs}`,
        ]),
    ),
    ...badDay.policyWould,
    '',
  ]
}

function likeLines(like: NonNullable<Capacity['like']>): string[] {
  return [
    `One more like ${like.name}`,
    ...tableLines(
      ['part', 'bytes'],
      [
        ['RAM', formatBytes(like.ramBytes)],
        ['resident', formatBytes(like.residentBytes)],
        ['unique', formatBytes(like.uniqueBytes)],
        ['shared or zero', formatBytes(like.sharedBytes)],
        ['overhead', describeAnswer(like.overhead, formatBytes)],
        ['swapped', describeAnswer(like.swapped, formatBytes)],
        ['growth', describeAnswer(like.growth, formatBytes)],
        ['balloon leaves', describeAnswer(like.balloon, formatBytes)],
      ],
    ),
    like.hugePages,
  ]
}

function overcommitLines({ overcommit }: Capacity): string[] {
  const { promisedBytes, physicalBytes, ratio, swapTotalBytes, swapUsedBytes } = overcommit
  const swap =
    swapTotalBytes === 0
      ? 'no swap'
      : `${formatBytes(swapUsedBytes)} of ${formatBytes(swapTotalBytes)} swap used (${formatRatio(swapUsedBytes / swapTotalBytes)})`
  return [
    `Promised to guests: ${formatBytes(promisedBytes)} of ${formatBytes(physicalBytes)} (${times(ratio)}), ${swap}`,
    `Committed: ${describeAnswer(overcommit.committed, formatBytes)}; the kernel’s limit: ${describeAnswer(overcommit.commitLimit, formatBytes)}`,
  ]
}
