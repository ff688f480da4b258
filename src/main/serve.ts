// The browser-shell entry: `npm start -- [--port N]` where there is no Electron or no display.
import { parseArgs } from 'node:util'
import { asProblem, type Problem } from '../shared/problem.ts'
import { openBrowserShell } from './browser-shell/browser-shell.ts'
import { findDataDirectory } from './data-directory.ts'
import { findSshEnvironment, readVersion, rendererDirectory } from './installation.ts'
import { createWorkbench } from './workbench.ts'

async function serve(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { port: { type: 'string', default: '0' } } })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`cannot use port ${values.port}`)
  const environment = findSshEnvironment(process.env)
  const workbench = await createWorkbench({
    dataDirectory: findDataDirectory(process.env, environment.home),
    environment,
    version: readVersion(),
    stay: 'resident',
    onProblem: reportProblem,
  })
  const shell = await openBrowserShell({ workbench, rendererDirectory, port, onUrl: printUrl() })
  const end = async () => {
    await shell.close()
    await workbench.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      end().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      )
    })
  }
}

function printUrl(): (url: string) => void {
  let first = true
  return (url) => {
    process.stdout.write(first ? `Singleton Workbench: ${url}\n` : `for one more browser: ${url}\n`)
    first = false
  }
}

function reportProblem({ message, remedy }: Problem): void {
  process.stderr.write(`${message}${remedy ? ` ${remedy}` : ''}\n`)
}

function fail(error: unknown): never {
  reportProblem(asProblem(error, 'cannot serve the workbench'))
  process.exit(1)
}

serve(process.argv.slice(2)).catch(fail)
