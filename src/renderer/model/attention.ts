// What of a host needs its admin, the most urgent first, each with its reason. Pure.
import { type HostView, shownTime } from '../../shared/contract/index.ts'
import { formatBytes, formatRatio } from '../../shared/units.ts'
import { isBlocked, problemOf } from './host-state.ts'
import type { HostTab } from './page-table.ts'
import { problemTitles } from './problem-titles.ts'
import type { Tone } from './tone.ts'

export type NeedKind =
  | 'blocked'
  | 'down'
  | 'unwatched-burst'
  | 'pressure'
  | 'swap'
  | 'problem'
  | 'clock'
  | 'unreadable'
  | 'not-assessed'
  | 'reclaimable'

export interface Need {
  readonly kind: NeedKind
  readonly tone: Tone
  /** A few words. */
  readonly title: string
  /** Why, with its figures. */
  readonly reason: string
  /** What to do. */
  readonly remedy?: string
  /** Where on the host's page it is dealt with. */
  readonly tab: HostTab
}

/** Above this share of time in which tasks wait, guests feel it. */
const muchPressureRatio = 0.1
/** Of the host’s memory: a little is swapped out everywhere. */
const muchSwapRatio = 0.02
/** Less is not worth a burst or a scrub. */
const muchReclaimableRatio = 0.05
const clocksAgreeSeconds = 60
/** Made once: a date's `toLocaleString` makes one for each. */
const momentFormat = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
})

/** Lower comes first. */
const order: readonly NeedKind[] = [
  'blocked',
  'down',
  'unwatched-burst',
  'pressure',
  'problem',
  'swap',
  'clock',
  'unreadable',
  'reclaimable',
  'not-assessed',
]

// Several parts of a page ask for the needs of every host each time that one of them changed.
const known = new WeakMap<HostView, readonly Need[]>()

/** The most urgent first. */
export function needsOf(view: HostView): readonly Need[] {
  const before = known.get(view)
  if (before) return before
  const needs = findNeeds(view)
  known.set(view, needs)
  return needs
}

function findNeeds(view: HostView): Need[] {
  const found = [connectionNeed(view), ...(view.connection.state === 'connected' ? liveNeeds(view) : [])]
  return found
    .filter((need) => need !== undefined)
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

/** 0 is the most urgent; a host that needs nothing comes last. */
export function urgencyOf(view: HostView): number {
  // While a host is tried again and again, its row stays where it is.
  if (view.connection.state === 'connecting') return order.indexOf('down')
  const [first] = needsOf(view)
  return first === undefined ? order.length : order.indexOf(first.kind)
}

/** Trouble is told aloud; what could be won is not. */
export function isTrouble({ tone }: Need): boolean {
  return tone === 'bad'
}

function connectionNeed({ connection }: HostView): Need | undefined {
  const problem = problemOf(connection)
  if (!problem) return undefined
  return {
    kind: isBlocked(problem) ? 'blocked' : 'down',
    tone: 'bad',
    title: problemTitles[problem.code].toLowerCase(),
    reason: problem.message,
    ...(problem.remedy !== undefined && { remedy: problem.remedy }),
    tab: 'hostOverview',
  }
}

function liveNeeds(view: HostView): (Need | undefined)[] {
  return [burstNeed(view), ...memoryNeeds(view), problemNeed(view), ...documentNeeds(view)]
}

function burstNeed({ latest }: HostView): Need | undefined {
  if (latest?.ksm?.burst?.state !== 'unwatched') return undefined
  return {
    kind: 'unwatched-burst',
    tone: 'bad',
    title: 'KSM scans without an end',
    reason: 'the helper that would have ended this burst is gone',
    remedy: 'KSM → Stop scanning. What is merged stays merged.',
    tab: 'hostKsm',
  }
}

function memoryNeeds({ latest }: HostView): (Need | undefined)[] {
  const total = latest?.memory.totalBytes ?? 0
  const { memorySomePressureRatio: pressure = 0, swapUsedBytes: swap = 0 } = latest?.gauges ?? {}
  return [
    pressure > muchPressureRatio
      ? {
          kind: 'pressure',
          tone: 'bad',
          title: 'memory is short',
          reason: `tasks waited for memory ${formatRatio(pressure)} of the last 10 s`,
          remedy: 'Scrub or merge to win memory, or move a guest.',
          tab: 'hostMemory',
        }
      : undefined,
    swap > muchSwapRatio * total
      ? {
          kind: 'swap',
          tone: 'warn',
          title: 'memory is swapped out',
          reason: `${formatBytes(swap)} of swap in use`,
          tab: 'hostMemory',
        }
      : undefined,
  ]
}

function problemNeed({ problem, clockAheadSeconds = 0 }: HostView): Need | undefined {
  if (problem) {
    return {
      kind: 'problem',
      tone: 'warn',
      title: problemTitles[problem.code].toLowerCase(),
      reason: problem.message,
      tab: 'hostOverview',
    }
  }
  if (Math.abs(clockAheadSeconds) <= clocksAgreeSeconds) return undefined
  const minutes = Math.round(Math.abs(clockAheadSeconds) / 60)
  return {
    kind: 'clock',
    tone: 'warn',
    title: 'the clocks differ',
    reason: `its clock is ${minutes} min ${clockAheadSeconds > 0 ? 'ahead of' : 'behind'} the workbench’s`,
    tab: 'hostOverview',
  }
}

function documentNeeds({ latest, assessment, reclaimableBytes, policy }: HostView): (Need | undefined)[] {
  const unread = (latest?.unreadable.length ?? 0) + (assessment?.unreadable.length ?? 0)
  const total = latest?.memory.totalBytes ?? 0
  const isMuch =
    reclaimableBytes !== undefined && total > 0 && reclaimableBytes / total > muchReclaimableRatio
  return [
    unread > 0
      ? {
          kind: 'unreadable',
          tone: 'warn',
          title: 'some items could not be read',
          reason: `${unread} items, listed on its page`,
          tab: 'hostOverview',
        }
      : undefined,
    assessment === undefined && (latest?.guests.length ?? 0) > 0
      ? {
          kind: 'not-assessed',
          tone: 'idle',
          title: 'not assessed',
          reason: 'what it could give back is not known',
          tab: 'hostOverview',
        }
      : undefined,
    isMuch && policy === undefined && assessment
      ? {
          kind: 'reclaimable',
          tone: 'busy',
          title: `${formatBytes(reclaimableBytes)} to be won`,
          reason: `${formatRatio(reclaimableBytes / total)} of its memory, assessed ${momentFormat.format(shownTime(assessment))}; no policy runs`,
          tab: 'hostPolicy',
        }
      : undefined,
  ]
}
