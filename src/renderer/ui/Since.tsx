import { formatMoment, formatSpan } from './moments.ts'
import { useNow } from './use-now.ts'

/** "3 min" since an instant, counting; the instant itself on hover. */
export function Since({ at }: { readonly at: number }) {
  const now = useNow()
  return <time title={formatMoment(at, now)}>{formatSpan(now - at)}</time>
}
