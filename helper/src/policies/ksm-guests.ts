// Per guest: who has just booted, whose merges keep breaking, who has nothing to give.

import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import type { GovernedGuest, KsmAction, KsmObservation } from './ksm-observation.ts'

export interface GuestRecord {
  readonly breaks: number | undefined
  /** Breaks per minute as a share of merged pages, smoothed. */
  readonly breakRatio: number
  readonly excludedUntilSeconds: number | undefined
  readonly exclusions: number
  /** Merging was switched off by us, for this reason. */
  readonly offBy: 'policy' | 'breaks' | 'nothing to give' | undefined
  /** Whether it has nothing to give is judged again then: its memory changes, and what is off is not measured. */
  readonly retryAtSeconds: number | undefined
  readonly retries: number
  /** Merging was switched on again: only what is measured later tells. */
  readonly onSinceSeconds: number
}

export type GuestRecords = ReadonlyMap<number, GuestRecord>

export interface FollowedGuests {
  readonly records: GuestRecords
  readonly booted: readonly GovernedGuest[]
  readonly actions: readonly KsmAction[]
  readonly explanation: readonly string[]
}

const unknown: GuestRecord = {
  breaks: undefined,
  breakRatio: 0,
  excludedUntilSeconds: undefined,
  exclusions: 0,
  offBy: undefined,
  retryAtSeconds: undefined,
  retries: 0,
  onSinceSeconds: Number.NEGATIVE_INFINITY,
}
/** Merging that would free less is not worth a guest's walk by ksmd. */
const worthwhileBytes = 4 * 1024 * 1024

/**
 * Updates what is known of guests from an observation, forgets those that have ended, and plans whose merging to switch.
 * `elapsedSeconds` undefined: the first observation, in which no guest counts as booted. Pure.
 */
export function followGuests(
  policy: KsmPolicy,
  records: GuestRecords,
  seen: KsmObservation,
  elapsedSeconds: number | undefined,
): FollowedGuests {
  const next = new Map<number, GuestRecord>()
  const booted: GovernedGuest[] = []
  const actions: KsmAction[] = []
  const explanation: string[] = []
  for (const guest of seen.guests) {
    const before = records.get(guest.pid)
    if (before === undefined && elapsedSeconds !== undefined) booted.push(guest)
    const record = followBreaks(policy, before ?? unknown, guest, seen, elapsedSeconds ?? 0)
    const off = reasonToSwitchOff(policy, record, guest, seen)
    const switched = switchMerging(record, guest, off)
    if (switched !== undefined) actions.push(switched)
    if (off !== undefined && off !== record.offBy) explanation.push(excuse(guest, off))
    next.set(guest.pid, noteSwitch(policy, record, guest.monitorReachable ? off : undefined, seen.atSeconds))
  }
  return { records: next, booted, actions, explanation }
}

function followBreaks(
  policy: KsmPolicy,
  record: GuestRecord,
  guest: GovernedGuest,
  seen: KsmObservation,
  elapsedSeconds: number,
): GuestRecord {
  const { breaks, mergedBytes } = guest
  // A share of an unknown number is none.
  if (mergedBytes === undefined || breaks === undefined || record.breaks === undefined || elapsedSeconds <= 0)
    return { ...record, breaks }
  const mergedPages = Math.max(256, mergedBytes / seen.pageBytes)
  const perMinute = (Math.max(0, breaks - record.breaks) / elapsedSeconds) * 60
  // Averaged over about a minute: one write burst is no habit.
  const weight = 1 - Math.exp(-elapsedSeconds / 60)
  const breakRatio = record.breakRatio * (1 - weight) + (perMinute / mergedPages) * weight
  const excluded = record.excludedUntilSeconds !== undefined && seen.atSeconds < record.excludedUntilSeconds
  if (breakRatio <= policy.breakRatio || excluded) return { ...record, breaks, breakRatio }
  return {
    ...record,
    breaks,
    breakRatio: 0,
    excludedUntilSeconds: seen.atSeconds + policy.excludeSeconds * 2 ** Math.min(10, record.exclusions),
    exclusions: record.exclusions + 1,
  }
}

function noteSwitch(
  policy: KsmPolicy,
  record: GuestRecord,
  off: GuestRecord['offBy'],
  now: number,
): GuestRecord {
  if (off === record.offBy) return record
  if (off === undefined) return { ...record, offBy: off, retryAtSeconds: undefined, onSinceSeconds: now }
  if (off !== 'nothing to give') return { ...record, offBy: off }
  const retryAtSeconds = now + policy.excludeSeconds * 2 ** Math.min(10, record.retries)
  return { ...record, offBy: off, retryAtSeconds, retries: record.retries + 1 }
}

function reasonToSwitchOff(
  policy: KsmPolicy,
  record: GuestRecord,
  guest: GovernedGuest,
  seen: KsmObservation,
) {
  const now = seen.atSeconds
  if (policy.exclude.includes(guest.name)) return 'policy'
  if (record.excludedUntilSeconds !== undefined && now < record.excludedUntilSeconds) return 'breaks'
  if (!policy.aim || guest.potentialBytes === undefined) return undefined
  if (record.offBy === 'nothing to give') {
    return now < (record.retryAtSeconds ?? 0) ? 'nothing to give' : undefined
  }
  if ((seen.potential?.measuredAtSeconds ?? 0) <= record.onSinceSeconds) return undefined
  // Switching off unmerges: only where nothing is merged and nothing would be.
  // Not reported (before Linux 6.1): there may be much that switching off would unmerge.
  if (guest.mergedBytes === undefined) return undefined
  const nothing = guest.potentialBytes < worthwhileBytes && guest.mergedBytes < worthwhileBytes
  return nothing ? 'nothing to give' : undefined
}

/** Never switches on a guest that was switched off by others. */
function switchMerging(
  record: GuestRecord,
  guest: GovernedGuest,
  off: GuestRecord['offBy'],
): KsmAction | undefined {
  if (!guest.monitorReachable) return undefined
  if (off !== undefined && guest.mergeable) return { kind: 'merge-off', pid: guest.pid, why: off }
  if (off === undefined && record.offBy !== undefined && !guest.mergeable)
    return { kind: 'merge-on', pid: guest.pid, why: `no longer held off: ${record.offBy}` }
  return undefined
}

function excuse(guest: GovernedGuest, off: NonNullable<GuestRecord['offBy']>): string {
  const can = guest.monitorReachable ? '' : ', but its monitor cannot be reached: it stays mergeable'
  if (off === 'policy') return `${guest.name} is excluded by the policy${can}`
  if (off === 'breaks') return `${guest.name} is excluded for a while: its merged pages keep breaking${can}`
  return `${guest.name} has nothing to give${can}`
}
