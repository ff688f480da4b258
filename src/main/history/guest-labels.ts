// Under which name the figures of a guest are kept.
import type { Sample } from '../../shared/contract/index.ts'
import { looksLabelled, processLabel } from '../../shared/text/process-label.ts'

/**
 * Of each guest, in their order. The name where no other guest of the sample has it; else, so that no guest's figures mix
 * with another's, the name with its process.
 */
export function labelGuests(guests: Sample['guests']): string[] {
  const counts = new Map<string, number>()
  for (const { name } of guests) counts.set(name, (counts.get(name) ?? 0) + 1)
  return guests.map((guest) =>
    counts.get(guest.name) === 1 && !looksLabelled(guest.name) ? guest.name : processLabel(guest),
  )
}
