// The arguments of the command `govern`.

import { parseArgs } from 'node:util'
import { Problem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'

export interface GovernArgs {
  readonly policyPath?: string
  readonly recordPath?: string
  readonly json: boolean
  readonly dryRun: boolean
  readonly once: boolean
}

const options = {
  policy: { type: 'string' },
  record: { type: 'string' },
  json: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  once: { type: 'boolean' },
} as const

/** Throws Problem `bad-input`. */
export function parseGovernArgs(args: string[]): GovernArgs {
  const values = parse(args)
  return {
    ...withValue({ policyPath: values.policy, recordPath: values.record }),
    json: values.json ?? false,
    dryRun: values['dry-run'] ?? false,
    once: values.once ?? false,
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem('bad-input', `cannot govern: ${reason}`, { cause: error })
  }
}
