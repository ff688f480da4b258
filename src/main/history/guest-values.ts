// What an interval tells of each guest, by the columns in which history keeps it. Pure.
import type { ReadsColumn } from './history-schema.ts'
import type { Interval } from './interval.ts'

type GuestValues = Partial<Readonly<Record<ReadsColumn, number>>>

/** By the label of each guest of which anything is told; a column that is absent was not. */
export function guestValues({ reads, requests, ioWaits, cpu }: Interval): Map<string, GuestValues> {
  const rows = new Map<string, GuestValues>()
  const add = (guest: string, values: GuestValues) => rows.set(guest, { ...rows.get(guest), ...values })
  for (const { guest, askedBytes, fetchedBytes } of reads) add(guest, { askedBytes, fetchedBytes })
  for (const { guest, ...told } of requests)
    add(guest, {
      requests: told.reads,
      timedRequests: told.timedReads,
      requestSeconds: told.seconds,
      observedSeconds: told.observedSeconds,
    })
  for (const { guest, waitedMs, observedMs } of ioWaits)
    add(guest, { ioWaitMs: waitedMs, ioPressureMs: observedMs })
  for (const { guest, usedMs, observedMs } of cpu) add(guest, { cpuMs: usedMs, cpuObservedMs: observedMs })
  return rows
}
