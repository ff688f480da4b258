// This machine as a host: the same shell as over SSH, by child processes.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import { Problem } from '../../shared/problem.ts'
import type { ExitStatus, HostProcess, HostShell } from '../ssh/host-process.ts'

const thisMachine = 'this machine'

/** This machine in the place of a host. `closed` never settles by itself. */
export function openLocalShell(): HostShell {
  const running = new Set<HostProcess>()
  const closed = Promise.withResolvers<Problem>()
  return {
    label: thisMachine,
    user: userInfo().username,
    closed: closed.promise,
    start: async (script, signal) => {
      signal.throwIfAborted()
      const process = await startLocalProcess(script, signal)
      running.add(process)
      void process.exited.then(() => running.delete(process))
      return process
    },
    close: async () => {
      for (const process of running) process.kill()
      await Promise.all([...running].map(({ exited }) => exited))
      closed.resolve(new Problem('cancelled', `closed the connection to ${thisMachine}`))
    },
  }
}

async function startLocalProcess(script: string, signal: AbortSignal): Promise<HostProcess> {
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'pipe', cwd: '/' })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => {
      reject(new Problem('system', `cannot run /bin/sh: ${error.message}`, { cause: error }))
    })
  })
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('close', (code, name) => {
      resolve({ ...(code !== null && { code }), ...(name !== null && { signal: name }) })
    })
  })
  const kill = () => endChild(child)
  signal.addEventListener('abort', kill, { once: true })
  void exited.then(() => signal.removeEventListener('abort', kill))
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, kill }
}

/** Under sudo the program is root's and cannot be signalled: closing its pipes ends it. */
function endChild(child: ChildProcessWithoutNullStreams): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  child.stdin.destroy()
  child.stdout.destroy()
  child.stderr.destroy()
}
