import { formatMoment } from './moments.ts'

/** Beside figures that could not be renewed: of when they are, where that is known. */
export function ReadEarlier({ at }: { readonly at: number | undefined }) {
  return (
    <p className="panel-note" data-testid="read-earlier">
      What follows was read {at === undefined ? 'earlier' : `at ${formatMoment(at)}`} and may be old.
    </p>
  )
}
