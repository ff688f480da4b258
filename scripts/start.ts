// `npm start`: the workbench in a window where Electron and a display exist, else in the browser.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureApp } from './built-parts.mjs'
import { runForeground } from './child-process.mjs'

const ROOT = dirname(import.meta.dirname)

interface Shell {
  readonly program: string
  readonly args: readonly string[]
  /** Absent: it starts no workbench, and only asks one. */
  readonly why?: string
}

/** Importing the electron package would download a runtime, so its files are looked at instead. */
function findElectron(): string | undefined {
  const { ELECTRON_EXEC_PATH, ELECTRON_OVERRIDE_DIST_PATH } = process.env
  const pathFile = join(ROOT, 'node_modules/electron/path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron'
  const candidates = [
    ELECTRON_EXEC_PATH,
    ELECTRON_OVERRIDE_DIST_PATH && join(ELECTRON_OVERRIDE_DIST_PATH, name),
    join(ROOT, 'node_modules/electron/dist', name),
  ]
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path))
}

function chooseShell(args: readonly string[]): Shell {
  const electron = findElectron()
  const display = process.env.WAYLAND_DISPLAY || process.env.DISPLAY
  const serve = join(ROOT, 'src/main/serve.ts')
  if (args.includes('--print-link')) return { program: process.execPath, args: [serve, ...args] }
  if (electron !== undefined && display) {
    return {
      program: electron,
      args: [ROOT, ...args],
      why: `in a window: Electron and the display ${display} are there`,
    }
  }
  const reason = display
    ? 'no Electron runtime is installed (npx install-electron gets one)'
    : 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)'
  return { program: process.execPath, args: [serve, ...args], why: `in the browser: ${reason}` }
}

async function start(args: readonly string[]): Promise<number> {
  const shell = chooseShell(args)
  if (shell.why !== undefined) console.error(`the workbench runs ${shell.why}`)
  if (shell.program !== process.execPath) {
    await ensureApp(ROOT, ['--logLevel', 'warn'])
  }
  return runForeground(shell.program, shell.args, { cwd: ROOT })
}

try {
  process.exitCode = await start(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
