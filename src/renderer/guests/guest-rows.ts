// A row per guest: what runs now, joined with what the last assessment found. Pure.
import type { AssessedGuest, HostView, SampledGuest } from '../../shared/contract/index.ts'

export interface GuestRow {
  readonly pid: number
  readonly name: string
  /** Absent: not in the last sample; it has ended since the assessment. */
  readonly sampled?: SampledGuest
  /** Absent: not assessed, or started since. */
  readonly assessed?: AssessedGuest
}

export function guestRows({ latest, assessment }: HostView): GuestRow[] {
  const rows = new Map<number, GuestRow>()
  for (const assessed of assessment?.guests ?? []) {
    rows.set(assessed.pid, { pid: assessed.pid, name: assessed.name, assessed })
  }
  for (const sampled of latest?.guests ?? []) {
    rows.set(sampled.pid, { ...rows.get(sampled.pid), pid: sampled.pid, name: sampled.name, sampled })
  }
  return [...rows.values()]
}

/** In words: why the CPU of a guest is not known. */
export function whyNoCpu(sampled: SampledGuest | undefined): string {
  if (sampled === undefined) return 'has ended'
  if (sampled.cpuSeconds === undefined) return 'its CPU time could not be read'
  return 'sampled once so far: a rate needs two samples'
}

/** In words: why a guest's reads are not reported. */
export function whyNoReads(sampled: SampledGuest | undefined): string {
  if (sampled === undefined) return 'has ended'
  if (sampled.diskReads !== undefined) return 'QEMU has answered once so far: a rate needs two answers'
  const { monitorProblem } = sampled
  if (monitorProblem === undefined) return 'its monitor was not asked yet'
  return `not reported: ${monitorProblem.message}`
}

/** Why there is no mean time of its reads. */
export function whyNoLatency(sampled: SampledGuest | undefined): string {
  const { diskReads } = sampled ?? {}
  if (diskReads?.readsPerSecond === undefined) return whyNoReads(sampled)
  if (diskReads.readSeconds === undefined) return 'not reported: its QEMU counts no time'
  return 'it has read nothing in the last ten seconds'
}

/** What the I/O pressure covers, or why it is not reported. */
export function whatOfIoPressure(sampled: SampledGuest | undefined): string {
  if (sampled === undefined) return 'has ended'
  const { ioPressureRatio, ioPressureNote } = sampled
  return ioPressureNote ?? (ioPressureRatio === undefined ? 'it cannot be read' : 'of its control group')
}
