import type { AssessedGuest } from '../../shared/contract/index.ts'
import { PartsBar } from '../ui/PartsBar.tsx'
import { ramPartsOf } from './ram-parts.ts'

/** What the present RAM of guests is made of, at the last assessment. */
export function RamParts({ guests }: { readonly guests: readonly AssessedGuest[] }) {
  return <PartsBar label="Guest RAM present" parts={ramPartsOf(guests)} />
}
