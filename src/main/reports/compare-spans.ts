// Every quantity of one host over two spans of time: what a moment between them changed.
import { type ComparedSpans, metricNames, type TimeWindow } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import type { History } from '../history/history.ts'

export interface SpansOrder {
  readonly hostId: string
  readonly before: TimeWindow
  readonly after: TimeWindow
}

/** Rejects as `history.means`: `bad-input` for a span without length. */
export async function compareSpans(
  history: Pick<History, 'means'>,
  { hostId, before, after }: SpansOrder,
): Promise<ComparedSpans> {
  const meansOf = (span: TimeWindow) => history.means({ hostId, ...span, slots: 1 })
  const [earlier, later] = await Promise.all([meansOf(before), meansOf(after)])
  const figures = metricNames.map((metric) => ({
    metric,
    ...withValue({
      before: earlier.metrics[metric]?.[0] ?? undefined,
      after: later.metrics[metric]?.[0] ?? undefined,
    }),
  }))
  return { figures: figures.filter((one) => one.before !== undefined || one.after !== undefined) }
}
