// A change on a host in the words of the audit: what it was asked for, what was there before and after. Pure.
import type {
  AuditEntry,
  GuestSwitch,
  KsmSettings,
  KsmStatus,
  PolicyStatus,
  ScrubResult,
} from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'

export type ChangeWords = Pick<AuditEntry, 'before' | 'after' | 'outcome'>

/** What a scrub did, in the words of the audit. */
export function describeScrub({ totals, dryRun }: ScrubResult): ChangeWords {
  return {
    before: `resident ${formatBytes(totals.residentBeforeBytes)}`,
    after: `resident ${formatBytes(totals.residentAfterBytes)}`,
    outcome: dryRun
      ? 'nothing was changed'
      : `evicted ${formatBytes(totals.evictedBytes)}, kept ${formatBytes(totals.keptDirtyBytes)} dirty and ${formatBytes(totals.keptUniqueBytes)} unique`,
  }
}

/** `found`: the settings of the last sample, if there was one. Only those that differ are named. */
export function describeKsm(found: KsmStatus | undefined, now: KsmStatus): ChangeWords {
  const names = Object.keys(now.settings) as (keyof KsmSettings)[]
  const changed = names.filter((name) => found && found.settings[name] !== now.settings[name])
  const list = ({ settings }: KsmStatus) => changed.map((name) => `${name}=${settings[name]}`).join(' ')
  return {
    ...(found && changed.length > 0 && { before: list(found), after: list(now) }),
    outcome: `${changed.length === 0 ? 'no setting differs' : `${changed.length} settings changed`}, ${formatBytes(now.mergedBytes)} merged`,
  }
}

/** What a policy does now, or how it ended. */
export function describePolicyStatus({ run, ended }: PolicyStatus): ChangeWords {
  if (run !== undefined) return { outcome: `scrub ${run.policy.scrub.mode}, KSM ${run.policy.ksm.mode}` }
  return { outcome: ended ?? 'stopped; what it changed was put back' }
}

/** How a guest's merging was switched. */
export function describeSwitch({ before, after, via }: GuestSwitch): ChangeWords {
  return { before: `merging ${before}`, after: `merging ${after}`, outcome: `through ${via}` }
}

/** Params of an act as its target: what of the host it was about. An option that is off goes without saying. */
export function describeTarget(params: object): string | undefined {
  const parts = Object.entries(params)
    .filter(([key, value]) => value !== undefined && (value !== false || key === 'merge'))
    .map(([key, value]) => `${key}=${describeValue(value)}`)
  return parts.length === 0 ? undefined : parts.join(' ')
}

function describeValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value).slice(0, 2000) : String(value)
}
