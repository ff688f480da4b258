// The command line as a person runs it: a process of its own, with a home of its own.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface CliRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Its settings and audit are below `home`, in `data`. */
export function runCli(home: string, args: readonly string[]): Promise<CliRun> {
  const script = join(import.meta.dirname, '../src/main/cli.ts')
  const env = { ...process.env, HOME: home, SINGLETON_DATA_DIR: join(home, 'data'), SSH_AUTH_SOCK: '' }
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}
