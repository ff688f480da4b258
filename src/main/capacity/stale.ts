// Whether an assessment still describes the host that was just read. Pure.
import { type Assessment, type CapacityReading, shownTime } from '../../shared/contract/index.ts'

const oldMs = 3_600_000

/** What has changed since; undefined: nothing that the figures rest on. */
export function describeStale(reading: CapacityReading, assessment: Assessment): string | undefined {
  const named = ({ pid, name }: { readonly pid: number; readonly name: string }) => `${pid} ${name}`
  const before = new Set(assessment.guests.map(named))
  const now = new Set(reading.guests.map(named))
  const started = [...now].filter((guest) => !before.has(guest)).length
  const ended = [...before].filter((guest) => !now.has(guest)).length
  if (started + ended > 0) return `Guests since contents were compared: ${started} started, ${ended} ended.`
  const ageMs = shownTime(reading) - shownTime(assessment)
  return ageMs > oldMs ? 'Contents were compared more than an hour ago.' : undefined
}
