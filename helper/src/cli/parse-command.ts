// The command line of the commands probe, assess and scrub.

import { parseArgs } from 'node:util'
import { type ScrubParams, scrubParams } from '../../../src/shared/contract/page-cache.ts'
import { withValue } from '../../../src/shared/with-value.ts'

/** A command line that makes no sense: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface ScanCommand {
  readonly json: boolean
  /** Page maps entry by entry, as kernels before 6.7 need it: for tests. */
  readonly presentBy?: 'entries'
  /** At most this share of a core. Absent: all that is free, since a person waits for the result. */
  readonly cpuRatio?: number
  readonly threads?: 1 | 2
  /** What it excludes is left alone, and said so. */
  readonly policyPath?: string
}

export interface ScrubCommand extends ScanCommand {
  readonly dryRun: boolean
  readonly params: ScrubParams
}

const scanOptions = {
  json: { type: 'boolean' },
  'pagemap-entries': { type: 'boolean' },
  'cpu-percent': { type: 'string' },
  threads: { type: 'string' },
} as const
const assessOptions = { ...scanOptions, policy: { type: 'string' } } as const
const scrubOptions = {
  ...assessOptions,
  'dry-run': { type: 'boolean' },
  'flush-dirty': { type: 'boolean' },
  image: { type: 'string', multiple: true },
} as const

/** Options that all scans take. Throws `UsageError`. */
export function parseScanCommand(args: string[]): ScanCommand {
  const { values } = parsed(() => parseArgs({ args, options: scanOptions }))
  return scanCommand(values)
}

/** Options of `assess`. Throws `UsageError`. */
export function parseAssessCommand(args: string[]): ScanCommand {
  const { values } = parsed(() => parseArgs({ args, options: assessOptions }))
  return scanCommand(values)
}

function scanCommand(values: {
  readonly json?: boolean
  readonly 'pagemap-entries'?: boolean
  readonly 'cpu-percent'?: string
  readonly threads?: string
  readonly policy?: string
}): ScanCommand {
  if (values.threads !== undefined && values.threads !== '1' && values.threads !== '2')
    throw new UsageError(`cannot scan: --threads takes 1 or 2, not ${values.threads}`)
  const percent = values['cpu-percent']
  return {
    json: values.json ?? false,
    ...(values['pagemap-entries'] && { presentBy: 'entries' }),
    ...(values.threads !== undefined && { threads: values.threads === '2' ? 2 : 1 }),
    ...withValue({ policyPath: values.policy }),
    ...(percent !== undefined && { cpuRatio: parsePercent(percent) / 100 }),
  }
}

function parsePercent(text: string): number {
  const percent = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(percent >= 1 && percent <= 100))
    throw new UsageError(`cannot scan: --cpu-percent takes a number from 1 to 100, not ${text}`)
  return percent
}

/** Options of `scrub`. Throws `UsageError`. */
export function parseScrubCommand(args: string[]): ScrubCommand {
  const { values } = parsed(() => parseArgs({ args, options: scrubOptions }))
  const params = scrubParams.safeParse({
    ...withValue({ images: values.image }),
    ...(values['flush-dirty'] && { flushDirty: true }),
  })
  if (!params.success) throw new UsageError('cannot scrub: --image takes the path of an image')
  return { ...scanCommand(values), dryRun: values['dry-run'] ?? false, params: params.data }
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
