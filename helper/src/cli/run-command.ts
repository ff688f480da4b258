// Chooses the command and turns what went wrong into an exit code.

import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { inLine, terminalJson } from '../../../src/shared/text/terminal.ts'
import type { CommandIo } from './command-io.ts'
import { UsageError } from './parse-command.ts'
import { usage } from './usage.ts'

type Command = (args: string[], io: CommandIo) => Promise<number>

/** Loaded when asked for: all of them together take 10 MiB, and a scan's memory is bounded. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  probe: async () => (await import('./probe-command.ts')).runProbe,
  assess: async () => (await import('./assess-command.ts')).runAssess,
  scrub: async () => (await import('./scrub-command.ts')).runScrub,
  ksm: async () => (await import('./ksm-command.ts')).runKsmCommand,
  govern: async () => (await import('./govern-command.ts')).runGovernCommand,
  service: async () => (await import('./service-command.ts')).runServiceCommand,
  serve: async () => (await import('./serve-command.ts')).runServe,
  // A child of the helper itself; not in the usage.
  'connect-sockets': async () => (await import('../monitors/connect-child.ts')).runConnectChild,
}

/** Exit code: 0 done, 1 a problem, 2 a wrong command line. */
export async function runCommand(args: readonly string[], version: string, io: CommandIo): Promise<number> {
  const [name, ...rest] = args
  if (args.includes('--help') || name === 'help') {
    io.out(usage)
    return 0
  }
  if (name === '--version') {
    io.out(`${version}\n`)
    return 0
  }
  try {
    const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined
    if (load === undefined) {
      throw new UsageError(name === undefined ? 'no command given' : `there is no command ${name}`)
    }
    const command = await load()
    return await command(rest, io)
  } catch (error) {
    return reportFailure(error, args.includes('--json'), io)
  }
}

function reportFailure(error: unknown, json: boolean, io: CommandIo): number {
  if (error instanceof UsageError) {
    const problem = new Problem('bad-input', error.message)
    if (json) io.out(`${terminalJson({ problem: problem.toData() })}\n`)
    io.err(`${inLine(error.message)}\n\n${usage}`)
    return 2
  }
  const problem = asProblem(error)
  if (json) io.out(`${terminalJson({ problem: problem.toData() })}\n`)
  io.say(problem.message)
  if (problem.remedy !== undefined) io.say(problem.remedy)
  return problem.code === 'bad-input' ? 2 : 1
}
