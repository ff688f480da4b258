// The command line of the commands probe, assess and scrub.
import { parseArgs } from 'node:util'
import { type ScrubParams, scrubParams } from '../../../src/shared/contract/page-cache.ts'

/** A command line that makes no sense: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface ScanCommand {
  readonly json: boolean
  /** Page maps entry by entry, as kernels before 6.7 need it: for tests. */
  readonly presentBy?: 'entries'
}

export interface ScrubCommand extends ScanCommand {
  readonly dryRun: boolean
  readonly params: ScrubParams
}

const scanOptions = { json: { type: 'boolean' }, 'pagemap-entries': { type: 'boolean' } } as const
const scrubOptions = {
  ...scanOptions,
  'dry-run': { type: 'boolean' },
  'flush-dirty': { type: 'boolean' },
  image: { type: 'string', multiple: true },
} as const

export function parseScanCommand(args: string[]): ScanCommand {
  const { values } = parsed(() => parseArgs({ args, options: scanOptions }))
  return { json: values.json ?? false, ...(values['pagemap-entries'] ? { presentBy: 'entries' } : {}) }
}

export function parseScrubCommand(args: string[]): ScrubCommand {
  const { values } = parsed(() => parseArgs({ args, options: scrubOptions }))
  const params = scrubParams.safeParse({
    ...(values.image ? { images: values.image } : {}),
    ...(values['flush-dirty'] ? { flushDirty: true } : {}),
  })
  if (!params.success) throw new UsageError('cannot scrub: --image takes the path of an image')
  return {
    json: values.json ?? false,
    ...(values['pagemap-entries'] ? { presentBy: 'entries' } : {}),
    dryRun: values['dry-run'] ?? false,
    params: params.data,
  }
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
