// Brings the helper to a host: probes, uploads where it is missing, and removes it again.

import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Uninstalled } from '../../shared/contract/hosts.ts'
import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'
import { withValue } from '../../shared/with-value.ts'
import type { OnLog } from '../ssh/ask.ts'
import type { HostProcess, HostShell } from '../ssh/host-process.ts'
import { installScript, placeCount, probeScript, uninstallScript } from './host-scripts.ts'
import type { BuiltHelper, MachineKind } from './manifest.ts'
import { parseSaid, runScript } from './run-script.ts'

const mibBytes = 1024 * 1024
const stepEveryMs = 200
const busyWaitMs = 1000
const busyTimeoutMs = 10 * 60_000
/** A login shell may print before the script does: as much as before the helper's own first line. */
const maxAnswerLength = 64 * 1024

export interface DeployContext {
  readonly shell: HostShell
  readonly helperDirectory: string
  readonly buildDigest: string
  readonly onStep: (step: string) => void
  readonly onLog: OnLog
  readonly signal: AbortSignal
}

export interface ProbedMachine extends MachineKind {
  readonly uid: number
  /** Path of a helper of this build that is there already. */
  readonly installed?: string
}

/**
 * What the host is, and whether the helper of this build lies there. Installs nothing. Rejects with `not-supported`
 * where no shell answers.
 */
export async function probeMachine({ shell, buildDigest, signal }: DeployContext): Promise<ProbedMachine> {
  const { said, status, stderr } = await runScript(shell, probeScript(buildDigest), signal)
  const read = (key: string) => said.get(key)?.[0]
  const machine = read('machine')
  const uid = Number(read('uid'))
  if (machine === undefined || !Number.isInteger(uid)) {
    throw new Problem(
      'not-supported',
      `cannot probe ${shell.label}: its shell does not answer (${status.code ?? status.signal ?? 'no exit code'}): ${oneLine(stderr, 500)}`,
    )
  }
  const installed = read('installed')
  const libc = read('libc')
  return {
    machine,
    uid,
    libc: libc === 'glibc' || libc === 'musl' ? libc : 'unknown',
    hasAvx2: said.has('avx2'),
    ...withValue({ installed }),
  }
}

/** Uploads into the first place that takes it; resolves with the path there. */
export async function deployHelper(built: BuiltHelper, context: DeployContext): Promise<string> {
  const reasons: string[] = []
  let isSpaceOnly = true
  for (let place = 0; place < placeCount; place += 1) {
    const outcome = await installWhenFree(place, built, context)
    if (outcome.kind === 'installed') {
      context.onLog('info', `installed the helper as ${outcome.path}`)
      return outcome.path
    }
    if (outcome.isDamaged) {
      throw new Problem(
        'system',
        `cannot install the helper on ${context.shell.label}: the copy on the host differs from the build: ${outcome.reason}`,
        {
          remedy: 'The helper may have been rebuilt during the upload; connect again.',
        },
      )
    }
    const reason = `${outcome.place}: ${outcome.reason}`
    context.onLog('warning', `cannot install the helper in ${reason}`)
    reasons.push(reason)
    isSpaceOnly &&= outcome.isSpace
  }
  throw new Problem(
    isSpaceOnly ? 'out-of-space' : 'system',
    `cannot install the helper on ${context.shell.label}: ${reasons.join('; ')}`,
    {
      remedy: `It needs ${Math.ceil(built.bytes / mibBytes)} MiB in a folder from which programs may be run.`,
    },
  )
}

type Outcome =
  | { readonly kind: 'installed'; readonly path: string }
  | {
      readonly kind: 'failed'
      readonly place: string
      readonly reason: string
      readonly isSpace: boolean
      readonly isDamaged: boolean
    }
  | { readonly kind: 'busy' }

async function installWhenFree(place: number, built: BuiltHelper, context: DeployContext) {
  const deadline = performance.now() + busyTimeoutMs
  for (;;) {
    const outcome = await install(place, built, context)
    if (outcome.kind !== 'busy') return outcome
    if (performance.now() > deadline) {
      throw new Problem(
        'busy',
        `cannot install the helper on ${context.shell.label}: another workbench has been installing it for 10 minutes`,
      )
    }
    context.onStep('waiting for another workbench that is installing the helper')
    await sleep(busyWaitMs, undefined, { signal: context.signal })
    const { installed } = await probeMachine(context)
    if (installed !== undefined) return { kind: 'installed', path: installed } as const
  }
}

async function install(place: number, built: BuiltHelper, context: DeployContext): Promise<Outcome> {
  const { shell, buildDigest, signal } = context
  const script = installScript({ place, digest: buildDigest, sha256: built.sha256, bytes: built.bytes })
  const running = await shell.start(script, signal)
  try {
    const answer = new InstallAnswer(running)
    if (await answer.isReady()) await upload(running, built, context)
    await running.exited
    signal.throwIfAborted()
    return answer.outcome()
  } finally {
    running.kill()
  }
}

/** What the install script says, as it says it. */
class InstallAnswer {
  #text = ''
  readonly #running: HostProcess

  constructor(running: HostProcess) {
    this.#running = running
    running.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#text += chunk
      // No install script says that much: what goes on like this would only keep us busy.
      if (this.#text.length > maxAnswerLength) running.kill()
    })
    running.stderr.resume()
    // The script ends early where a place is of no use; its answer tells why.
    running.stdin.on('error', () => undefined)
  }

  /** False when it ends without. */
  isReady(): Promise<boolean> {
    return new Promise((resolve) => {
      const look = () => {
        if (!parseSaid(this.#text).has('ready')) return
        this.#running.stdout.off('data', look)
        resolve(true)
      }
      this.#running.stdout.on('data', look)
      void this.#running.exited.then(() => resolve(false))
    })
  }

  outcome(): Outcome {
    const said = parseSaid(this.#text)
    const path = said.get('installed')?.[0]
    if (path !== undefined) return { kind: 'installed', path }
    if (said.has('busy')) return { kind: 'busy' }
    const failed = said.get('failed')?.[0] ?? 'write the connection or the shell ended in the middle'
    const [kind = '', ...words] = failed.split(' ')
    const reason = oneLine(words.join(' '), 500)
    const isSpace = kind === 'space' || /no space|quota/i.test(reason)
    return {
      kind: 'failed',
      place: said.get('place')?.[0] ?? 'its place',
      reason,
      isSpace,
      isDamaged: kind === 'digest',
    }
  }
}

async function upload(running: HostProcess, built: BuiltHelper, context: DeployContext): Promise<void> {
  const source = createReadStream(join(context.helperDirectory, `${built.file}.gz`), {
    highWaterMark: 256 * 1024,
  })
  try {
    await pipeline(source, progressOf(built.gzipBytes, context.onStep), running.stdin, {
      signal: context.signal,
    })
  } catch (error) {
    context.signal.throwIfAborted()
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      throw new Problem('not-found', `cannot read the built helper: ${(error as Error).message}`, {
        cause: error,
      })
    }
    // The far end stopped reading, on a full disk for one; what the script says then is the reason.
    context.onLog('warning', `the upload of the helper broke off: ${(error as Error).message}`)
  }
}

function progressOf(totalBytes: number, onStep: (step: string) => void): Transform {
  let sentBytes = 0
  let toldAt = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      sentBytes += chunk.length
      if (performance.now() - toldAt > stepEveryMs || sentBytes === totalBytes) {
        toldAt = performance.now()
        onStep(
          `uploading helper ${(sentBytes / mibBytes).toFixed(1)} of ${Math.round(totalBytes / mibBytes)} MiB`,
        )
      }
      callback(null, chunk)
    },
  })
}

/**
 * Removes all versions from all places. Throws `busy` and removes nothing where the resident service is installed, and
 * `system` where a folder cannot be removed.
 */
export async function uninstallHelper(shell: HostShell, signal: AbortSignal): Promise<Uninstalled> {
  const { said } = await runScript(shell, uninstallScript(), signal)
  if (said.has('service')) throw serviceIsInstalled(shell.label)
  const failed = said.get('failed')
  if (failed) {
    throw new Problem('system', `cannot uninstall from ${shell.label}: ${oneLine(failed.join('; '), 500)}`)
  }
  const running = (said.get('running') ?? []).map(Number).filter((pid) => Number.isInteger(pid) && pid > 0)
  const paths = (key: string) => [...(said.get(key) ?? [])]
  return { removed: paths('removed'), kept: paths('kept'), unreached: paths('unreached'), running }
}

/** For callers that know it without asking the host's shell, too. */
export function serviceIsInstalled(host: string): Problem {
  return new Problem(
    'busy',
    `cannot uninstall from ${host}: singleton-helper.service is installed there, and goes on changing the host without the workbench`,
    { remedy: 'Remove the service first: in the host’s Policy tab, or by "service remove HOST".' },
  )
}
