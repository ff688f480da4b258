// The browser-shell entry: `npm start -- [--port N]` where there is no Electron or no display, and `npm start --
// --print-link` for one more link of the workbench that runs already. It listens and prints its link first: the services,
// and all that they stand on, are loaded while the page is opened.
import { parseArgs } from 'node:util'
import { asProblem, type Problem } from '../shared/problem.ts'
import { openBrowserShell } from './browser-shell/browser-shell.ts'
import { askForLink, openLinkDesk } from './browser-shell/link-desk.ts'
import { findDataDirectory, requireOwnDirectory } from './data-directory.ts'
import { findSshEnvironment, readVersion, rendererDirectory } from './installation.ts'
import type { Workbench, WorkbenchOptions } from './workbench.ts'

/** As a person types it: the server package has a command of its own. */
const command = process.env.SINGLETON_COMMAND ?? 'npm start --'

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: 'string', default: '0' }, 'print-link': { type: 'boolean', default: false } },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`cannot use port ${values.port}`)
  if (values['print-link']) {
    const { home } = findSshEnvironment(process.env)
    process.stdout.write(`${await askForLink(findDataDirectory(process.env, home))}\n`)
  } else await serve(port)
}

async function serve(port: number): Promise<void> {
  const environment = findSshEnvironment(process.env)
  const dataDirectory = requireOwnDirectory(findDataDirectory(process.env, environment.home))
  const printed = Promise.withResolvers<void>()
  const starting = printed.promise.then(() => startServices({ dataDirectory, environment }))
  const shell = await openBrowserShell({ workbench: starting, rendererDirectory, port })
  const desk = await openLinkDesk(dataDirectory, shell.newLink)
  process.stdout.write(`Singleton Workbench: ${await shell.newLink()}\n`)
  process.stdout.write(
    desk
      ? `It opens one page, once, within 10 minutes. For another: ${command} --print-link\n`
      : 'It opens one page, once, within 10 minutes. Another workbench with the same data hands out further links.\n',
  )
  const end = async () => {
    await desk?.close()
    await shell.close()
    const workbench = await starting
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
  printed.resolve()
  await starting
}

async function startServices(
  places: Pick<WorkbenchOptions, 'dataDirectory' | 'environment'>,
): Promise<Workbench> {
  const { createWorkbench } = await import('./workbench.ts')
  return createWorkbench({ ...places, version: readVersion(), stay: 'resident', onProblem: reportProblem })
}

function reportProblem({ message, remedy }: Problem): void {
  process.stderr.write(`${message}${remedy ? ` ${remedy}` : ''}\n`)
}

function fail(error: unknown): never {
  reportProblem(asProblem(error, 'cannot serve the workbench'))
  process.exit(1)
}

run(process.argv.slice(2)).catch(fail)
