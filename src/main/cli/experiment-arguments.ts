// The arguments of `experiment`: what is asked for, or a Problem that says what is wrong with it. Pure.
import {
  type ExperimentMetric,
  experimentGuards,
  experimentMetric,
  experimentMetrics,
  experimentPlan,
  type ReportFormat,
  reportFormat,
} from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { parseDuration, someHosts, wrong } from './command-words.ts'

export interface ExperimentOutput {
  readonly path: string
  readonly format: ReportFormat
}

interface ExperimentQuestion {
  readonly kind: 'experiment'
  readonly act: 'plan' | 'run'
  readonly hosts: readonly string[]
  /** Names, looked up when the command runs. */
  readonly arms: readonly [string, string]
  readonly phaseSeconds: number
  readonly warmUpSeconds: number
  readonly pairs: number
  readonly cold: boolean
  readonly metric: ExperimentMetric
  readonly marginRatio: number
  readonly minReads: number
  readonly seed?: number
  readonly guards: { readonly policyGuards: boolean; readonly slowdownFactor?: number }
  readonly json: boolean
  readonly yes: boolean
  readonly out?: ExperimentOutput
}

export type ExperimentCommand =
  | ExperimentQuestion
  | {
      readonly kind: 'experiment'
      readonly act: 'show' | 'resume' | 'remove'
      readonly id: string
      readonly json: boolean
      readonly yes: boolean
      readonly out?: ExperimentOutput
    }
  | { readonly kind: 'experiment'; readonly act: 'list'; readonly json: boolean }

export const experimentOptions = {
  arms: { type: 'string' },
  phase: { type: 'string' },
  pairs: { type: 'string' },
  'warm-up': { type: 'string' },
  metric: { type: 'string' },
  margin: { type: 'string' },
  'min-reads': { type: 'string' },
  seed: { type: 'string' },
  slowdown: { type: 'string' },
  'ignore-policy-guards': { type: 'boolean', default: false },
  cold: { type: 'boolean', default: false },
} as const
export const experimentOptionNames = Object.keys(experimentOptions) as (keyof typeof experimentOptions)[]

type ExperimentValues = {
  readonly [K in keyof typeof experimentOptions]?: string | boolean | undefined
} & { readonly json: boolean; readonly yes: boolean; readonly out?: string | undefined }

/** What stands behind `experiment`. Throws `bad-input` that says what is wrong. Pure. */
export function parseExperiment(
  [act, ...rest]: readonly string[],
  values: ExperimentValues,
): ExperimentCommand {
  const { json, yes } = values
  if (act === 'plan' || act === 'run') return parseQuestion(act, rest, values)
  const foreign = experimentOptionNames.find((name) => values[name] !== undefined && values[name] !== false)
  if (foreign !== undefined) throw wrong(`experiment ${act ?? ''} has no option --${foreign}`)
  const out = parseOutput(values.out)
  if (act === 'list' && rest.length === 0 && out === undefined) return { kind: 'experiment', act, json }
  const [id, ...more] = rest
  if ((act === 'show' || act === 'resume' || act === 'remove') && id !== undefined && more.length === 0)
    return { kind: 'experiment', act, id, json, yes, ...withValue({ out }) }
  throw wrong('experiment needs "plan HOST…", "run HOST…", "list", "show ID", "resume ID" or "remove ID"')
}

function parseQuestion(
  act: 'plan' | 'run',
  hosts: readonly string[],
  values: ExperimentValues,
): ExperimentQuestion {
  const text = (name: keyof typeof experimentOptions) => values[name] as string | undefined
  const [first, second, ...more] = (text('arms') ?? 'off,adaptive').split(',').map((arm) => arm.trim())
  if (!first || !second || more.length > 0) throw wrong('--arms needs two names, such as off,adaptive')
  const metric = experimentMetric.safeParse(text('metric') ?? 'read-latency').data
  if (metric === undefined) throw wrong(`--metric needs one of ${experimentMetrics.join(', ')}`)
  const numbers = {
    phaseSeconds: parseDuration(text('phase') ?? '30s'),
    warmUpSeconds: /^0s?$/.test(text('warm-up') ?? '') ? 0 : parseDuration(text('warm-up') ?? '5s'),
    pairs: parseNumber(text('pairs') ?? '10', '--pairs'),
    marginRatio: parseNumber((text('margin') ?? '10').replace(/ ?%$/, ''), '--margin') / 100,
    minReads: parseNumber(text('min-reads') ?? '100', '--min-reads'),
    ...withValue({
      seed: text('seed') === undefined ? undefined : parseNumber(text('seed') ?? '', '--seed'),
    }),
  }
  const slowdownText = text('slowdown')
  const slowdownFactor = slowdownText === undefined ? undefined : parseNumber(slowdownText, '--slowdown')
  refuseOutOfRange({ ...numbers, ...withValue({ slowdownFactor }) })
  const out = parseOutput(values.out)
  if (out !== undefined && act === 'plan') throw wrong('experiment plan has no option --out')
  return {
    kind: 'experiment',
    act,
    hosts: someHosts(`experiment ${act}`, hosts),
    arms: [first, second],
    metric,
    cold: values.cold === true,
    ...numbers,
    guards: { policyGuards: values['ignore-policy-guards'] !== true, ...withValue({ slowdownFactor }) },
    json: values.json,
    yes: values.yes,
    ...withValue({ out }),
  }
}

function parseNumber(text: string, option: string): number {
  const value = /^\d{1,10}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value)) throw wrong(`${option} needs a number, not "${text}"`)
  return value
}

function refuseOutOfRange(numbers: Readonly<Record<string, number>>): void {
  const shape = experimentPlan.pick({
    phaseSeconds: true,
    warmUpSeconds: true,
    pairs: true,
    marginRatio: true,
    minReads: true,
    seed: true,
  })
  const { slowdownFactor } = experimentGuards.shape
  const [issue] = shape.partial().extend({ slowdownFactor }).safeParse(numbers).error?.issues ?? []
  if (issue === undefined) return
  const option = optionOf[String(issue.path[0])] ?? String(issue.path[0])
  throw wrong(`${option}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`)
}

const optionOf: Readonly<Record<string, string>> = {
  phaseSeconds: '--phase',
  warmUpSeconds: '--warm-up',
  pairs: '--pairs',
  marginRatio: '--margin',
  minReads: '--min-reads',
  seed: '--seed',
  slowdownFactor: '--slowdown',
}

function parseOutput(path: string | undefined): ExperimentOutput | undefined {
  if (path === undefined) return undefined
  const format = reportFormat.safeParse(/\.([a-z]+)$/.exec(path)?.[1]).data
  if (format === undefined) throw wrong('--out needs a FILE that ends in .html, .pdf, .json or .csv')
  return { path, format }
}
