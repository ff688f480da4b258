// The PID, mount and UTS namespaces of a lab host: starting them and running commands inside.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { HostKind } from './options.ts'
import { identify, type ProcessId, waitUntil } from './processes.ts'
import { type RunOptions, type RunResult, run } from './run.ts'

const START_TIMEOUT_MS = 60_000

export interface Namespace {
  readonly init: ProcessId
  readonly unshare: ProcessId
}

/**
 * Starts a host's namespaces. record is called with their two processes before anything happens in them;
 * if it never returns, as after kill -9, the init sees its input close and ends.
 */
export async function startNamespace(
  host: { readonly name: string; readonly kind: HostKind; readonly folder: string },
  record: (namespace: Namespace) => void,
): Promise<Namespace> {
  const ready = join(host.folder, 'ready')
  rmSync(ready, { force: true })
  const log = openSync(join(host.folder, 'init.log'), 'a')
  const script = join(import.meta.dirname, 'host-init.sh')
  const flags = ['--pid', '--mount', '--uts', '--fork', '--mount-proc', '--kill-child=SIGKILL']
  const child = spawn('unshare', [...flags, 'sh', script, host.folder, host.name, host.kind], {
    detached: true,
    stdio: ['pipe', log, log],
    cwd: '/',
  })
  closeSync(log)
  const explain = () =>
    `cannot start lab host ${host.name}: ${readFileSync(join(host.folder, 'init.log'), 'utf8')}`
  child.on('error', (error) => console.error(`cannot run unshare: ${error.message}`))
  const pid = child.pid
  if (pid === undefined) throw new Error(`cannot start lab host ${host.name}: unshare did not start`)
  await waitUntil(() => listChildren(pid).length > 0, START_TIMEOUT_MS, explain)
  const namespace = { init: identify(listChildren(pid)[0] ?? 0), unshare: identify(pid) }
  record(namespace)
  child.stdin?.end('go\n')
  child.unref()
  await waitUntil(() => existsSync(ready), START_TIMEOUT_MS, explain)
  return namespace
}

/** Runs a shell command as root of the lab host, without ssh, in the given control groups. */
export function runInside(
  initPid: number,
  command: string,
  options: RunOptions & { readonly cgroups?: readonly string[] } = {},
): Promise<RunResult> {
  const joins = (options.cgroups ?? []).map((cgroup) => `echo 0 >${cgroup}/cgroup.procs && `)
  const args = [
    '--target',
    `${initPid}`,
    '--pid',
    '--mount',
    '--uts',
    'sh',
    '-c',
    `cd && ${joins.join('')}${command}`,
  ]
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return run('nsenter', args, {
    ...options,
    env: { HOME: '/root', USER: 'root', LOGNAME: 'root', PATH: path, LANG: 'C.UTF-8' },
  })
}

export async function runInsideOk(
  initPid: number,
  command: string,
  options: Parameters<typeof runInside>[2] = {},
): Promise<string> {
  const result = await runInside(initPid, command, options)
  if (result.code !== 0) {
    const reason = (result.stderr || result.stdout).trim()
    throw new Error(`cannot run "${command}" in a lab host: exit ${result.code}: ${reason}`)
  }
  return result.stdout
}

function listChildren(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  return existsSync(path) ? readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number) : []
}
