// A link to the helper of one host: over SSH, or a child process for this machine.
import { join } from 'node:path'
import { type Hello, type HostContract, hostProtocol } from '../../shared/contract/host-contract.ts'
import type { Uninstalled } from '../../shared/contract/hosts.ts'
import type { PolicyRound } from '../../shared/contract/policy-runs.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { Call } from '../../shared/rpc.ts'
import type { Ask, OnLog } from '../ssh/ask.ts'
import { connectSsh } from '../ssh/connection.ts'
import type { SshEnvironment } from '../ssh/environment.ts'
import type { HostShell } from '../ssh/host-process.ts'
import { type StageWatch, unwatched } from '../ssh/stages.ts'
import { AnswerParser } from './answer-parser.ts'
import { type DeployContext, deployHelper, probeMachine, uninstallHelper } from './deploy.ts'
import { type RunningHelper, startHelper, startProblem } from './helper-process.ts'
import { HelperSession } from './helper-session.ts'
import { safetyScript } from './host-scripts.ts'
import { openLocalShell } from './local-shell.ts'
import { type BuiltHelper, pickHelper, readManifest } from './manifest.ts'
import { findPrivilege, type Privilege } from './privilege.ts'
import { runScript } from './run-script.ts'

export type { Ask, OnLog } from '../ssh/ask.ts'

export interface LinkOptions {
  /** `local`, an alias of ~/.ssh/config, or `[user@]host[:port]`. */
  readonly address: string
  /** The helper itself then refuses every change. */
  readonly readOnly: boolean
  readonly ask: Ask
  /** What is being done right now, for the screen: 'uploading helper 12.3 of 52 MiB'. */
  readonly onStep: (step: string) => void
  /** Lines for the host's log; they never hold secrets. */
  readonly onLog: OnLog
  /** A helper was put on the host: the one change that connecting makes there. Not run where this rejects. */
  readonly onInstalled?: (path: string) => Promise<void>
  /** Each round of the policy that the helper runs. */
  readonly onRound?: (round: PolicyRound) => void
  /** Ends the attempt, or the link once it stands. */
  readonly signal: AbortSignal
  readonly environment: SshEnvironment
  /** How long a started helper may take to say who it is; absent: a minute. */
  readonly preambleTimeoutMs?: number
  /** Hears of every stage, for the connection test. */
  readonly stages?: StageWatch
}

type WatchedOptions = LinkOptions & { readonly stages: StageWatch }

export interface HelperLink {
  readonly hello: Hello
  readonly call: Call<HostContract>
  /** Resolves, never rejects, with why the link ended. */
  readonly closed: Promise<Problem>
  close(): Promise<void>
}

/** One thread for all links of this process; it starts with the first large answer. */
const answerParser = new AnswerParser()
const helloTimeoutMs = 15_000

/** Connects, deploys the helper where it is missing, starts it and says hello. Rejects with a Problem. */
export async function openHelperLink(request: LinkOptions): Promise<HelperLink> {
  const options: WatchedOptions = { ...request, stages: request.stages ?? unwatched }
  try {
    const shell = await openShell(options)
    try {
      return await linkOver(shell, options)
    } catch (error) {
      // What ended the connection is the better reason than what that did to us.
      const reason = await Promise.race([shell.closed, Promise.resolve(undefined)])
      await shell.close()
      throw reason ?? error
    }
  } catch (error) {
    throw asLinkProblem(error, options)
  }
}

function asLinkProblem(error: unknown, { address, signal }: LinkOptions): Problem {
  if (error instanceof Problem) return error
  if (signal.aborted) {
    const reason: unknown = signal.reason
    return reason instanceof Problem
      ? reason
      : new Problem('cancelled', `cannot connect to ${address}: cancelled`)
  }
  return asProblem(error, `cannot connect to ${address}`)
}

async function openShell(options: LinkOptions): Promise<HostShell> {
  if (options.address === 'local') return openLocalShell()
  const { environment, ask, onStep, onLog, signal, stages = unwatched } = options
  return await connectSsh(options.address, { source: environment, ask, onStep, onLog, signal, stages })
}

async function linkOver(shell: HostShell, options: WatchedOptions): Promise<HelperLink> {
  const running = await runHelper(shell, options)
  const session = new HelperSession(running, shell, { ...options, parser: answerParser })
  const close = async () => {
    await session.close()
    await shell.close()
  }
  const cancel = () => void close()
  options.signal.addEventListener('abort', cancel, { once: true })
  void session.closed.then(async () => {
    options.signal.removeEventListener('abort', cancel)
    await shell.close()
  })
  try {
    options.onStep('asking the helper what this host can do')
    options.stages.begin('capabilities', shell.label)
    const hello = await session.call('hello', {}, { timeoutMs: helloTimeoutMs, signal: options.signal })
    if (options.readOnly && !hello.readOnly) {
      throw new Problem(
        'protocol',
        `cannot use the helper on ${shell.label}: it does not enforce observe mode`,
      )
    }
    return { hello, call: session.call, closed: session.closed, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs what is there; installs only what is missing or different, and that once. */
async function runHelper(shell: HostShell, options: WatchedOptions): Promise<RunningHelper> {
  const { environment, onStep, onLog, signal, stages } = options
  const manifest = await readManifest(environment.helperDirectory)
  const context: DeployContext = {
    shell,
    helperDirectory: environment.helperDirectory,
    buildDigest: manifest.buildDigest,
    onStep,
    onLog,
    signal,
  }
  onStep('looking up what kind of machine it is')
  stages.begin('machine', shell.label)
  const machine = await probeMachine(context)
  stages.fact(`${machine.machine}, ${machine.libc}${machine.hasAvx2 ? ', AVX2' : ''}; uid ${machine.uid}`)
  const built = pickHelper(manifest, machine, shell.label)
  const privilege = await becomeRoot(machine.uid, shell, options)
  stages.begin('helper', shell.label)
  const start = (path: string) => startAs({ path, built }, shell, privilege, options)
  const deploy = async () => {
    const path = await deployHelper(built, context)
    stages.fact(`installed as ${path}`)
    await options.onInstalled?.(path)
    return path
  }
  const present = (await findBuiltHere(built, context)) ?? machine.installed
  stages.fact(present === undefined ? 'not installed yet, or another build' : `this build is at ${present}`)
  const first = await start(present ?? (await deploy()))
  const usable = acceptHelper(first, manifest.buildDigest)
  if (usable !== undefined) return usable
  if (present === undefined || !mayBeStale(first))
    throw unusableProblem(first, manifest.buildDigest, shell.label)
  onLog('warning', `the helper at ${present} is of another build or broken; installing it again`)
  if ('process' in first) first.process.kill()
  const second = await start(await deploy())
  const renewed = acceptHelper(second, manifest.buildDigest)
  if (renewed !== undefined) return renewed
  throw unusableProblem(second, manifest.buildDigest, shell.label)
}

/** Without root the link still stands, with less to see. */
async function becomeRoot(uid: number, shell: HostShell, options: WatchedOptions): Promise<Privilege> {
  const { stages, onLog } = options
  stages.begin('root', shell.label)
  const privilege = await findPrivilege(uid, { ...options, shell })
  if (privilege.kind === 'none') {
    const reason = `continuing without root: ${privilege.reason}; figures that need it are missing`
    onLog('warning', reason)
    stages.lack(new Problem('not-permitted', reason))
  } else stages.fact(rootBy[privilege.kind])
  return privilege
}

const rootBy = {
  root: 'the login is root',
  sudo: 'by sudo, without a password',
  'sudo-with-password': 'by sudo, with a password',
} as const

type Start = Awaited<ReturnType<typeof startHelper>>

function startAs(
  helper: { readonly path: string; readonly built: BuiltHelper },
  shell: HostShell,
  privilege: Privilege,
  options: LinkOptions,
): Promise<Start> {
  const { onStep, onLog, signal, readOnly, preambleTimeoutMs } = options
  onStep('starting the helper')
  return startHelper({ shell, ...helper, privilege, readOnly, onLog, signal, preambleTimeoutMs })
}

/** On this machine the built helper needs no copy, as long as nobody else can replace it. */
async function findBuiltHere(built: BuiltHelper, context: DeployContext): Promise<string | undefined> {
  if (context.shell.label !== 'this machine') return undefined
  const path = join(context.helperDirectory, built.file)
  const { said } = await runScript(context.shell, safetyScript(path), context.signal)
  if (said.has('safe')) return path
  context.onLog('info', `others may write to ${path} or a folder above it; using a copy`)
  return undefined
}

function acceptHelper(start: Start, digest: string): RunningHelper | undefined {
  if (!('process' in start)) return undefined
  const { preamble } = start
  return preamble.digest === digest && preamble.protocol === hostProtocol ? start : undefined
}

/** Another digest, or a file that the shell could not run. */
function mayBeStale(start: Start): boolean {
  return 'process' in start || start.status.code === 126 || start.status.code === 127
}

function unusableProblem(start: Start, digest: string, label: string): Problem {
  if (!('process' in start)) return startProblem(start, label)
  start.process.kill()
  const { protocol, digest: found } = start.preamble
  return new Problem(
    'protocol',
    `cannot use the helper on ${label}: it says protocol ${protocol}, build ${found.slice(0, 16)}; this workbench needs ${hostProtocol}, ${digest.slice(0, 16)}`,
    { remedy: 'Build the helper again: npm run build:helper' },
  )
}

/** Removes the helper from a host: every version, from every place it may be in. Nothing is installed or run for it. */
export async function uninstallHelperFrom(options: LinkOptions): Promise<Uninstalled> {
  const shell = await openShell(options)
  try {
    return await uninstallHelper(shell, options.signal)
  } finally {
    await shell.close()
  }
}
