// What the address of the comparison says: hosts, metric, yardstick, how it is drawn, and one moment. Pure.
import {
  type ComparisonPer,
  comparisonPer,
  type MetricName,
  maxComparedHosts,
  metricName,
} from '../../shared/contract/index.ts'

export interface CompareChoice {
  readonly hostIds: readonly string[]
  readonly metric: MetricName
  readonly per: ComparisonPer
  readonly as: 'overlay' | 'multiples'
  /** Before and after it, where one host is compared with itself. */
  readonly moment: number | undefined
}

/** Anybody can write an address: what makes no sense is what a new comparison has. */
export function choiceFrom(query: URLSearchParams): CompareChoice {
  const hostIds = (query.get('hosts') ?? '').split(',').filter((id) => id !== '')
  const moment = Date.parse(query.get('moment') ?? '')
  return {
    hostIds: [...new Set(hostIds)].slice(0, maxComparedHosts),
    metric: metricName.safeParse(query.get('metric')).data ?? 'mergedBytes',
    per: comparisonPer.safeParse(query.get('per')).data ?? 'host',
    as: query.get('as') === 'multiples' ? 'multiples' : 'overlay',
    moment: moment > 0 && hostIds.length === 1 ? moment : undefined,
  }
}

/** The query with another choice; its range stays. */
export function withCompared(query: URLSearchParams, choice: Partial<CompareChoice>): URLSearchParams {
  const next = new URLSearchParams(query)
  const { hostIds, metric, per, as } = choice
  if (hostIds) next.set('hosts', hostIds.join(','))
  if (metric) next.set('metric', metric)
  if (per) next.set('per', per)
  if (as) next.set('as', as)
  if ('moment' in choice) {
    if (choice.moment === undefined) next.delete('moment')
    else next.set('moment', new Date(choice.moment).toISOString())
  }
  return next
}
