// What `compare` is asked for. Pure.
import {
  type ComparisonPer,
  comparisonPer,
  type MetricName,
  metricName,
} from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { parseRange, someHosts, wrong } from './command-words.ts'

export interface CompareCommand {
  readonly kind: 'compare'
  readonly hosts: readonly string[]
  readonly metric: MetricName
  readonly per: ComparisonPer
  /** Ends now, or at `to`; with `moment`, this much before and after it at most. */
  readonly rangeMs: number
  readonly from?: number
  readonly to?: number
  readonly moment?: number
  readonly json: boolean
}

interface CompareValues {
  readonly metric?: string | undefined
  readonly per?: string | undefined
  readonly range?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly moment?: string | undefined
  readonly json: boolean
}

/** Throws `bad-input` for a metric, a yardstick or a time that is none. */
export function parseCompare(hosts: readonly string[], values: CompareValues): CompareCommand {
  const metric = metricName.safeParse(values.metric).data
  if (metric === undefined) throw wrong(`compare needs --metric ${metricName.options.join('|')}`)
  const per = comparisonPer.safeParse(values.per ?? 'host').data
  if (per === undefined) throw wrong(`--per is one of ${comparisonPer.options.join(', ')}`)
  const wanted = someHosts('compare', hosts)
  const [from, to, moment] = [values.from, values.to, values.moment].map(parseInstant)
  if (moment !== undefined && wanted.length > 1) throw wrong('--moment compares one host with itself')
  if (from !== undefined && from >= (to ?? Number.POSITIVE_INFINITY)) throw wrong('--from is not before --to')
  const rangeMs = parseRange(values.range ?? '24h')
  return {
    kind: 'compare',
    hosts: wanted,
    metric,
    per,
    rangeMs,
    json: values.json,
    ...withValue({ from, to, moment }),
  }
}

function parseInstant(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (Number.isNaN(at) || at < 0) throw wrong(`"${text}" is not a time: write 2026-11-29T10:00Z`)
  return at
}
