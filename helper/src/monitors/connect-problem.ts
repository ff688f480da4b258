// What it means that a monitor's socket could not be connected to, and what can be done about it on this host.
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { FileCredentials } from '../kernel/process-status.ts'
import type { ConnectAnswer } from './connect-request.ts'
import { readDenial } from './denial.ts'

export interface ConnectTarget {
  readonly pid: number
  readonly path: string
  readonly credentials: FileCredentials
}

type Failure = Extract<ConnectAnswer, { failed: string }>

/** Why a monitor could not be reached, in words of this host, and what helps. */
export async function connectProblem(
  root: KernelRoot,
  { pid, path, credentials }: ConnectTarget,
  { failed, code }: Failure,
): Promise<Problem> {
  const doing = `connect to the monitor ${path}`
  if (code === 'EACCES' || code === 'EPERM') {
    const { reason, remedy } = await readDenial(root, pid, credentials.uid)
    return new Problem('not-permitted', `cannot ${doing}: ${reason}`, { remedy })
  }
  if (failed === 'credentials') {
    return new Problem(
      'system',
      `cannot ${doing}: the rights of user ${credentials.uid} cannot be taken on: ${code}`,
    )
  }
  const known = causes[code]
  if (known === undefined) return new Problem('system', `cannot ${doing}: ${code}`)
  return new Problem(
    known.code,
    `cannot ${doing}: ${known.reason}`,
    known.remedy ? { remedy: known.remedy } : {},
  )
}

const link = {
  code: 'not-permitted',
  reason: 'a link is in its path, and no link is followed where a guest names the path',
  remedy: 'Give the guest a monitor whose path has no link in it.',
} as const

const causes: Readonly<Record<string, { code: Problem['code']; reason: string; remedy?: string }>> = {
  ELOOP: link,
  EXDEV: link,
  ENOENT: { code: 'not-found', reason: 'there is no such file in the root folder of the guest' },
  ENOTDIR: { code: 'not-found', reason: 'a part of its path is not a folder' },
  ENOTSOCK: { code: 'not-found', reason: 'it is not a socket' },
  ECONNREFUSED: { code: 'not-found', reason: 'nobody listens on it any more' },
  ESRCH: { code: 'gone', reason: 'the guest has ended' },
  EAGAIN: {
    code: 'busy',
    reason: 'its queue of waiting clients is full',
    remedy: 'Give the guest a QMP socket to spare: -qmp unix:/run/NAME.qmp,server=on,wait=off',
  },
  ENOSYS: {
    code: 'not-supported',
    reason: 'this kernel cannot look up a path without following links (openat2, Linux 5.6)',
    remedy: 'Guests of libvirt are reached without it.',
  },
}
