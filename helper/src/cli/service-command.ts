// The command `service`: what the unit runs, and how the unit gets there and goes again.
import { parseArgs } from 'node:util'
import { serviceActs } from '../../../src/shared/contract/service.ts'
import { describeService } from '../../../src/shared/text/service-text.ts'
import { terminalJson } from '../../../src/shared/text/terminal.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { readPolicy } from '../govern/policy-in-force.ts'
import { commandContext } from './command-context.ts'
import type { CommandIo } from './command-io.ts'
import { liveInstaller } from './live-installer.ts'
import { UsageError } from './parse-command.ts'

const acts = ['run', 'restore', ...serviceActs, 'status'] as const

interface ServiceArgs {
  readonly act: (typeof acts)[number]
  readonly policyPath?: string
  /** Whether another policy file of the host gives way. */
  readonly replace: boolean
  readonly json: boolean
}

/**
 * `service`: installs, upgrades, rolls back, removes, tells how it stands, or is the service. All but the status need root. Returns the
 * exit code. Throws a Problem.
 */
export async function runServiceCommand(args: string[], io: CommandIo): Promise<number> {
  const { act, policyPath, replace, json } = parseServiceArgs(args)
  if (act === 'run') return (await import('./run-service.ts')).runService(io)
  if (act === 'restore') return (await import('./restore-service.ts')).restoreService(io)
  const context = await commandContext((line) => io.say(line))
  const installer = liveInstaller(context)
  const status = await (act === 'install'
    ? installer.install(policyPath === undefined ? undefined : readPolicy(policyPath), replace)
    : installer[act]())
  io.out(json ? `${terminalJson(status)}\n` : `${describeService(status)}\n`)
  return 0
}

/** Throws UsageError. */
export function parseServiceArgs(args: string[]): ServiceArgs {
  const { values, positionals } = parse(args)
  const [named, ...others] = positionals
  const act = acts.find((one) => one === named)
  if (act === undefined || others.length > 0) throw new UsageError(`service needs one of ${acts.join(', ')}`)
  if (values.policy !== undefined && act !== 'install')
    throw new UsageError(`service ${act} has no option --policy`)
  const { replace = false, json = false } = values
  if (replace && values.policy === undefined)
    throw new UsageError('service has --replace only beside --policy')
  return { act, ...withValue({ policyPath: values.policy }), replace, json }
}

function parse(args: string[]) {
  try {
    const options = {
      policy: { type: 'string' },
      replace: { type: 'boolean' },
      json: { type: 'boolean' },
    } as const
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
