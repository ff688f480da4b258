// The present RAM of guests, split into parts that do not overlap and add up to it. Pure.
import type { AssessedGuest } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import type { Part } from '../ui/PartsBar.tsx'

/**
 * Merged and mergeable are frames saved or that could be saved, so what remains of each content counts as unique. Zero
 * pages are mergeable as well; here they are only what is not yet in one of the two.
 */
export function ramPartsOf(guests: readonly AssessedGuest[]): Part[] {
  const sum = (read: (guest: AssessedGuest) => number) =>
    guests.reduce((bytes, guest) => bytes + read(guest), 0)
  const resident = sum(({ residentBytes }) => residentBytes)
  const merged = Math.min(
    resident,
    sum(({ mergedBytes }) => mergedBytes),
  )
  const freedZero = Math.min(
    resident - merged,
    sum(({ freedZeroBytes }) => freedZeroBytes),
  )
  const mergeable = Math.min(
    resident - merged - freedZero,
    sum(({ mergeableBytes }) => mergeableBytes),
  )
  return [
    {
      label: 'Unique',
      bytes: resident - merged - freedZero - mergeable,
      color: 'var(--q-guest)',
      about: `Present pages that need a frame of their own: one of each content. Measured by hash of every present page. ${figureErrors.content}`,
    },
    {
      label: 'Merged',
      bytes: merged,
      color: 'var(--q-merged)',
      about: `Pages that KSM has freed: all users of a merged frame less one. ${figureErrors.content}`,
    },
    {
      label: 'Zero, freed',
      bytes: freedZero,
      color: 'var(--q-shared)',
      about: `Pages that map the kernel’s zero page without KSM counting them. They cost no frame. ${figureErrors.content}`,
    },
    {
      label: 'Mergeable',
      bytes: mergeable,
      color: 'var(--q-reclaimable)',
      about: `What KSM would free, zero pages included: of each content the distinct frames less one. ${figureErrors.content}`,
    },
  ]
}
