// The command-line entry: `npm run cli -- assess HOST…`; see cli/usage.ts.
import { asProblem, Problem } from '../shared/problem.ts'
import { type Command, parseCommand } from './cli/arguments.ts'
import { runCommand } from './cli/run-command.ts'
import { describeProblem, openTerminal, type Terminal } from './cli/terminal.ts'
import { usage } from './cli/usage.ts'
import { findDataDirectory } from './data-directory.ts'
import { findSshEnvironment, readVersion } from './installation.ts'
import { createWorkbench } from './workbench.ts'

async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  let command: Command
  try {
    command = parseCommand(args)
  } catch (error) {
    terminal.warn(describeProblem(asProblem(error).toData()))
    return 2
  }
  if (command.kind === 'help' || command.kind === 'version') {
    terminal.print(command.kind === 'help' ? usage : readVersion())
    return 0
  }
  return withWorkbench(command, terminal)
}

async function withWorkbench(command: Command, terminal: Terminal): Promise<number> {
  const environment = findSshEnvironment(process.env)
  const cancel = new AbortController()
  // A second Ctrl-C ends the process at once, as if nobody listened.
  process.once('SIGINT', () => cancel.abort(new Problem('cancelled', 'interrupted')))
  process.once('SIGTERM', () => cancel.abort(new Problem('cancelled', 'interrupted')))
  const workbench = await createWorkbench({
    dataDirectory: findDataDirectory(process.env, environment.home),
    environment,
    version: readVersion(),
    stay: command.kind.startsWith('hosts-') ? 'settings' : 'one-shot',
    onProblem: (problem) => terminal.warn(describeProblem(problem.toData())),
  })
  try {
    const code = await runCommand(command, { workbench, terminal, signal: cancel.signal })
    return cancel.signal.aborted ? 130 : code
  } finally {
    await workbench.close()
  }
}

const terminal = openTerminal()
main(process.argv.slice(2), terminal).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const problem = asProblem(error, 'cannot run the command')
    terminal.warn(describeProblem(problem.toData()))
    process.exitCode = problem.code === 'cancelled' ? 130 : problem.code === 'bad-input' ? 2 : 1
  },
)
