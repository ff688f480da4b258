// The audit: one JSON line for every change of the host, append-only.
import { closeSync, constants, fstatSync, readSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AuditEntry, auditEntry } from '../../../src/shared/contract/audit-entry.ts'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { readEnvironment } from '../kernel/environ.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readParentPid } from '../kernel/process-status.ts'
import { readIfThere } from '../kernel/read-if-there.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import { makePrivateFolder, openState, type StateFolders } from './state-folders.ts'

// Entries are listed from the newest; older ones than this much of the file are for other tools.
const maxListedBytes = 4 * 2 ** 20
const maxAncestors = 32
// Four texts of 4096 characters, which JSON may spell with six bytes each, and the journal of KSM's settings.
const maxEntryBytes = 128 * 1024

/** Who asked for a change, and from where. */
export interface Actor {
  readonly who: string
  readonly from: string
}

/** The file of the audit, JSON lines. Append-only: nothing in the helper removes or rewrites it. */
export function auditPath(folders: StateFolders): string {
  return join(folders.state, 'audit.jsonl')
}

/** Throws before a change, not after it, where the audit cannot be written. */
export function checkAuditWritable(folders: StateFolders): void {
  makePrivateFolder(folders.state)
  appendText(auditPath(folders), '')
  requireSpace(folders.state)
}

/** Appending nothing succeeds on a full disk too. */
function requireSpace(folder: string): void {
  const { bfree, bavail, bsize } = statfsSync(folder)
  const free = (process.getuid?.() === 0 ? bfree : bavail) * bsize
  if (free >= maxEntryBytes) return
  throw new Problem('out-of-space', `cannot record the change in ${folder}: ${free} bytes are free`, {
    remedy: 'Nothing was changed. Free some space there, or set SINGLETON_STATE_DIR to a folder with space.',
  })
}

/**
 * Appends one line and waits until it is on the disk. Texts are cut at 4,096 characters. Needs root for the default
 * folder. Throws a Problem where the line cannot be written: then the change must not begin.
 */
export function appendAudit(folders: StateFolders, entry: AuditEntry): void {
  const short = (text: string | undefined) => text?.slice(0, 4096)
  const line = {
    ...entry,
    before: short(entry.before),
    after: short(entry.after),
    target: short(entry.target),
  }
  // What only puts back may be the first act ever on a host.
  makePrivateFolder(folders.state)
  appendText(auditPath(folders), `${JSON.stringify({ ...line, outcome: entry.outcome.slice(0, 4096) })}\n`)
}

/** The newest `limit` entries, oldest first. Lines that do not parse (cut off by a full disk) are left out. */
export function listAudit(folders: StateFolders, limit: number): AuditEntry[] {
  if (limit === 0) return []
  const lines = readTail(auditPath(folders)).split('\n')
  return lines.flatMap(parseLine).slice(-limit)
}

/** The login behind sudo, and the address behind ssh even where sudo dropped it from the environment. */
export async function findActor(
  root: KernelRoot,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Actor> {
  const connection = environment.SSH_CONNECTION ?? (await findConnection(root))
  return {
    who: (environment.SUDO_USER || (await userName())).slice(0, 512),
    from: (connection?.split(' ')[0] || 'local').slice(0, 512),
  }
}

/** Who is behind a process of root's that asks the service: as `findActor` finds it for this process. */
export function findPeerActor(root: KernelRoot, pid: number): Actor {
  const lines = readEnvironment(root, pid)
  const read = (name: string) => lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
  const connection = read('SSH_CONNECTION')
  return {
    who: (read('SUDO_USER') || 'root').slice(0, 512),
    from: (connection?.split(' ')[0] || 'local').slice(0, 512),
  }
}

/** By uid, not by $USER, which may say anything. */
async function userName(): Promise<string> {
  const uid = String(process.getuid?.() ?? '')
  const users = (await readIfThere('/etc/passwd'))?.split('\n').map((line) => line.split(':')) ?? []
  return users.find((fields) => fields[2] === uid)?.[0] || `uid ${uid}`
}

async function findConnection(root: KernelRoot): Promise<string | undefined> {
  let pid = process.ppid
  for (let depth = 0; pid > 1 && depth < maxAncestors; depth += 1) {
    const environment = readEnvironment(root, pid)
    const found = environment.find((line) => line.startsWith('SSH_CONNECTION='))
    if (found !== undefined) return found.slice('SSH_CONNECTION='.length)
    pid = (await readParentPid(root, pid)) ?? 0
  }
  return undefined
}

function appendText(path: string, text: string): void {
  try {
    const fd = openState(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)
    try {
      writeFileSync(fd, text)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw systemProblem(error, `append to ${path}`)
  }
}

function readTail(path: string): string {
  let fd: number
  try {
    fd = openState(path, constants.O_RDONLY)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw systemProblem(error, `read ${path}`)
  }
  try {
    const size = fstatSync(fd).size
    const tail = Buffer.alloc(Math.min(size, maxListedBytes))
    readSync(fd, tail, 0, tail.length, size - tail.length)
    return tail.toString('utf8')
  } finally {
    closeSync(fd)
  }
}

function parseLine(line: string): AuditEntry[] {
  const parsed = auditEntry.safeParse(parseJson(line))
  return parsed.success ? [parsed.data] : []
}
