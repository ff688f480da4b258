// Runs virsh against the libvirt of this host, and tells why it failed.

import { spawn } from 'node:child_process'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { Problem, type ProblemCode } from '../../../src/shared/problem.ts'
import { oneLine } from '../../../src/shared/text/printable.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import {
  findLibvirtHere,
  type LibvirtHere,
  remedyForDeniedLibvirt,
  remedyForNoDaemon,
  remedyForNoVirsh,
} from './libvirt-here.ts'
import { type Monitor, parseReturn, qmpReply, unwrapReply } from './monitor.ts'

const systemUri = 'qemu:///system'
const timeoutOfVirshMs = 10_000
const maxOutputLength = 32 * 2 ** 20
// Nothing of the caller's environment: LIBVIRT_* and LANG would change whom it asks and what it answers.
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin',
  LC_ALL: 'C.UTF-8',
}

/** The monitor of a libvirt domain. Its commands taint the domain ("custom-monitor") in libvirt's log. */
export function libvirtMonitor(domain: string): Monitor {
  const via = `libvirt domain ${domain}`
  return {
    via,
    async execute(command, args, timeoutMs = timeoutOfVirshMs) {
      const text = JSON.stringify({ execute: command, ...withValue({ arguments: args }) })
      const doing = `run ${command} in the monitor (${via})`
      const output = await runVirsh(
        ['qemu-monitor-command', '--domain', domain, '--cmd', text],
        doing,
        timeoutMs,
      )
      return unwrapReply(command, via, parseReturn(qmpReply, parseJson(output), command, via))
    },
    close: () => undefined,
  }
}

/** What libvirt calls the domain of this UUID. */
export async function readDomainName(domain: string): Promise<string> {
  const output = await runVirsh(
    ['domname', '--domain', domain],
    `ask libvirt for the name of domain ${domain}`,
  )
  return output.trim()
}

/** Standard output of virsh. `doing` completes "cannot …". Throws a Problem that names the cause. */
export async function runVirsh(
  args: readonly string[],
  doing: string,
  timeoutMs = timeoutOfVirshMs,
): Promise<string> {
  const child = spawn('virsh', ['--quiet', '--connect', systemUri, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Whole milliseconds, and 0 would mean no limit.
    timeout: Math.max(1, Math.ceil(timeoutMs)),
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    if (stdout.length > maxOutputLength) child.kill('SIGKILL')
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = `${stderr}${chunk}`.slice(-4096)
  })
  const ended = await new Promise<{ code: number | null }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code }))
  }).catch(async (error) => {
    throw virshMissing(error, doing, await findLibvirtHere())
  })
  if (ended.code === 0) return stdout
  if (stdout.length > maxOutputLength)
    throw new Problem('protocol', `cannot ${doing}: virsh prints without end`)
  if (ended.code === null) {
    throw new Problem('timed-out', `cannot ${doing}: no answer from libvirt in ${timeoutMs / 1000} s`)
  }
  throw virshFailed(stderr, doing, await findLibvirtHere())
}

function virshMissing(error: unknown, doing: string, here: LibvirtHere): Problem {
  if (errnoOf(error) !== 'ENOENT') return systemProblem(error, doing)
  return new Problem('not-supported', `cannot ${doing}: virsh is not installed on this host`, {
    cause: error,
    remedy: remedyForNoVirsh(here),
  })
}

interface Failure {
  readonly sign: RegExp
  readonly code: ProblemCode
  readonly remedy?: (here: LibvirtHere) => string
}

// The first that fits names the cause; the words of virsh stay in the message.
const failures: readonly Failure[] = [
  {
    sign: /apparmor|selinux|security (label|driver|model|context)/i,
    code: 'not-permitted',
    remedy: () =>
      'sVirt denied it: see the audit log (ausearch -m avc) or the kernel log (apparmor="DENIED").',
  },
  {
    sign: /permission denied|access denied|authentication (unavailable|failed|required)|polkit|not authorized/i,
    code: 'not-permitted',
    remedy: remedyForDeniedLibvirt,
  },
  {
    sign: /failed to connect (socket )?to|connection refused|no such file or directory/i,
    code: 'unreachable',
    remedy: remedyForNoDaemon,
  },
  { sign: /failed to get domain|domain not found|no domain with matching/i, code: 'not-found' },
  { sign: /domain is not running|domain is not active/i, code: 'gone' },
  {
    sign: /cannot acquire state change lock|timed out during operation|operation is already active/i,
    code: 'busy',
    remedy: () =>
      'Libvirt runs another job on this domain (a migration, a backup): try again when it is done.',
  },
  { sign: /unsupported|not supported/i, code: 'not-supported' },
]

/** The Problem for what virsh printed when it failed. */
export function virshFailed(stderr: string, doing: string, here: LibvirtHere): Problem {
  const text = oneLine(stderr.replace(/^error: /gm, ''), 1000) || 'virsh failed and said nothing'
  const failure = failures.find(({ sign }) => sign.test(text))
  const options = withValue({ remedy: failure?.remedy?.(here) })
  return new Problem(failure?.code ?? 'system', `cannot ${doing}: ${text}`, options)
}
