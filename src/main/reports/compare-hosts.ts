// Reads one quantity of several hosts from history, over the same slots.
import { setImmediate as breathe } from 'node:timers/promises'
import type { ComparedHost, ComparedMeans, ComparisonOrder } from '../../shared/contract/index.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { withValue } from '../../shared/with-value.ts'
import type { History } from '../history/history.ts'
import type { Fleet } from '../hosts/fleet.ts'

export interface CompareParts {
  readonly fleet: Fleet
  readonly history: History
}

/** A host without history has no values. Throws `bad-input` for a range without length, `not-found` for an unknown host. */
export async function compareHosts(
  { fleet, history }: CompareParts,
  { hostIds, metric, from, to, slots }: ComparisonOrder,
  { signal, reportProgress }: CallContext,
): Promise<ComparedMeans> {
  const width = (to - from) / slots
  const hosts: ComparedHost[] = []
  for (const [index, hostId] of hostIds.entries()) {
    signal.throwIfAborted()
    const { assessment } = fleet.find(hostId).view()
    const meanOf = async (start: number, end: number) => {
      const means = await history.means({ hostId, from: start, to: end, slots: 1 })
      return means.metrics[metric]?.[0] ?? undefined
    }
    const { metrics } = await history.means({ hostId, from, to, slots })
    const values = metrics[metric] ?? []
    // A host that was added in the range begins where its history does.
    const start =
      from +
      Math.max(
        0,
        values.findIndex((value) => value !== null),
      ) *
        width
    // Not less than a slot, of which it is only known that a sample lies in it.
    const tenth = Math.max(width, (to - start) / 10)
    const known = assessment ?? (await history.remembered(hostId)).assessment
    hosts.push({
      hostId,
      values: [...values],
      ...withValue({
        mean: await meanOf(from, to),
        first: await meanOf(start, start + tenth),
        last: await meanOf(to - tenth, to),
        guestRamBytes: known?.guests.reduce((sum, { ramBytes }) => sum + ramBytes, 0) || undefined,
      }),
    })
    reportProgress({ step: 'reading history', fraction: (index + 1) / hostIds.length })
    await breathe()
  }
  return { at: Array.from({ length: slots }, (_, slot) => from + slot * width), hosts }
}
