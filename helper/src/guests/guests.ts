// Guests: QEMU processes of this host, also those in other PID and mount namespaces.
import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { most } from '../../../src/shared/contract/bounded.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { stateFolders } from '../changes/state-folders.ts'
import { HeldProcesses, ownerOf } from '../held/held-processes.ts'
import { maxCmdlineBytes, readCmdline } from '../kernel/cmdline.ts'
import { readExe } from '../kernel/exe.ts'
import { type KernelRoot, processPath } from '../kernel/kernel-root.ts'
import { listPids, readComm } from '../kernel/pids.ts'
import { readStartTime } from '../kernel/process-stat.ts'
import { type FileCredentials, isSameUser, readProcessStatus } from '../kernel/process-status.ts'
import { processProblem } from '../kernel/system-error.ts'
import { explainOtherProgram, isMonitorProgram } from './hypervisor-program.ts'
import { ProgramTrust } from './program-trust.ts'
import { guestName } from './qemu-command-line.ts'
import { UserNames } from './user-names.ts'

export interface Guest {
  readonly pid: number
  readonly name: string
  /** Command line of its process, as far as it is read. */
  readonly args: readonly string[]
  /** Name of the user as whom its process accesses files; absent: the kernel does not tell. */
  readonly user?: string
  /** What the kernel judges its access to files by: the helper opens no more for it. */
  readonly credentials: FileCredentials
}

export interface FoundGuests {
  readonly guests: Guest[]
  /** Processes that look like guests and are left out, and what of guests is not read. */
  readonly unreadable: Unreadable[]
}

/** So that no other user's guests lose their place where one starts a process after the other. */
const maxGuestsOfUser = most.guests - 128
/** As many as an admin will read. */
const maxUnreadable = 256
/** Processes looked at between two pauses: some milliseconds. */
const looksAtOnce = 256
/** Rights of a process that does not tell whose it is. */
const noRights: FileCredentials = { uid: 65_534, gid: 65_534, groups: [], readsAll: false }

/** Like `findGuests`, for callers that have no place to report what is left out. */
export async function listGuests(root: KernelRoot): Promise<Guest[]> {
  return (await findGuests(root)).guests
}

/**
 * A guest is a process whose program is QEMU's, owned by root and not writable by others; or run by libvirt, or allowed by
 * the admin. A helper that is not root cannot look at programs, and goes by their names: it opens nothing that its user
 * could not. Cheap: reads a link, a name and, for guests, a command line per process; no memory map.
 */
export async function findGuests(root: KernelRoot): Promise<FoundGuests> {
  const pids = await listPids(root)
  const candidates: Candidate[] = []
  for (const [index, pid] of pids.entries()) {
    const found = await lookAtProcess(root, pid)
    if (found !== undefined) candidates.push(found)
    if (index % looksAtOnce === looksAtOnce - 1) await setImmediate()
  }
  candidates.sort((a, b) => a.pid - b.pid)
  const held = HeldProcesses.read(stateFolders(process.env))
  if (!held.isEmpty) await Promise.all(candidates.map((candidate) => readStart(root, candidate)))
  const roll = new GuestRoll(root, held)
  for (const candidate of candidates) roll.addCandidate(candidate)
  return roll.found
}

interface Candidate {
  readonly pid: number
  /** Absent where only the name can be read. */
  readonly exe?: string
  /** Why it is no guest though it looks like one. */
  readonly other?: string
  /** Read only where some process has held a helper up. */
  startTime?: string
}

async function readStart(root: KernelRoot, candidate: Candidate): Promise<void> {
  candidate.startTime = (await readStartTime(root, candidate.pid)) ?? ''
}

/** undefined: nothing about it looks like a guest. */
async function lookAtProcess(root: KernelRoot, pid: number): Promise<Candidate | undefined> {
  // The program's link survives `-name process=…`, which renames the process; the name needs no privilege.
  let exe: string | undefined
  try {
    exe = readExe(root, pid)
  } catch (error) {
    return await explainUnreadable(root, pid, error)
  }
  const program = exe === undefined ? undefined : basename(exe.replace(/ \(deleted\)$/, ''))
  if (exe !== undefined && program !== undefined && isMonitorProgram(program)) return { pid, exe }
  const comm = await readComm(root, pid)
  if (exe === undefined || program === undefined)
    return comm !== undefined && isMonitorProgram(comm) ? { pid } : undefined
  const other = explainOtherProgram(program, comm)
  return other === undefined ? undefined : { pid, exe, other }
}

/** Anybody may run a program whose path is too long to be read. Its name alone makes it no guest, and it hides no other. */
async function explainUnreadable(
  root: KernelRoot,
  pid: number,
  error: unknown,
): Promise<Candidate | undefined> {
  const comm = await readComm(root, pid)
  if (comm === undefined || !isMonitorProgram(comm)) return undefined
  const reason = processProblem(error, 'read it').message.replace(/^cannot [^:]*: /, '')
  return { pid, other: `its program cannot be read: ${reason}` }
}

/** Takes candidates in, and says of the others why not. */
class GuestRoll {
  readonly found: FoundGuests = { guests: [], unreadable: [] }
  readonly #root: KernelRoot
  readonly #held: HeldProcesses
  readonly #names = new UserNames()
  readonly #trust: ProgramTrust
  readonly #guestsOfUser = new Map<number, number>()

  constructor(root: KernelRoot, held: HeldProcesses) {
    this.#root = root
    this.#held = held
    this.#trust = new ProgramTrust(root, this.#names)
  }

  addCandidate(candidate: Candidate): void {
    try {
      this.#judge(candidate)
    } catch (error) {
      const problem = processProblem(error, `look at process ${candidate.pid}, which looks like a guest`)
      if (problem.code !== 'gone') this.#say(candidate.pid, problem)
    }
  }

  #judge(candidate: Candidate): void {
    const { pid } = candidate
    const credentials = readProcessStatus(this.#root, pid)?.credentials
    const reason = this.#explainOther(candidate, credentials)
    if (reason !== undefined) this.#leaveOut(pid, credentials, reason)
    else this.#admit(pid, credentials)
  }

  #explainOther(candidate: Candidate, credentials: FileCredentials | undefined): string | undefined {
    const { pid, exe, other } = candidate
    return (
      other ??
      this.#explainHeld(candidate, credentials) ??
      (exe === undefined ? undefined : this.#explainDistrust(pid, credentials))
    )
  }

  /** A command line lies in its process's memory, which can keep a reader waiting: only of those that are believed. */
  #admit(pid: number, credentials: FileCredentials | undefined): void {
    const cmdline = readCmdline(this.#root, pid)
    // Zombies have no command line left.
    if (cmdline === undefined || cmdline.args.length < 2) return
    const crowd = this.#explainCrowd(credentials?.uid ?? -1)
    if (crowd !== undefined) {
      this.#leaveOut(pid, credentials, crowd)
      return
    }
    const { args, isCut } = cmdline
    if (isCut) {
      const text = `cannot read all of the command line of guest ${pid}: only its first ${maxCmdlineBytes / 1024} KiB are`
      this.#say(pid, new Problem('not-supported', text))
    }
    this.found.guests.push({
      pid,
      name: guestName(args) ?? `pid ${pid}`,
      args,
      ...(credentials !== undefined && { user: this.#names.nameOf(credentials.uid) }),
      credentials: credentials ?? noRights,
    })
  }

  #leaveOut(pid: number, credentials: FileCredentials | undefined, reason: string): void {
    const user = credentials === undefined ? '' : ` of ${this.#names.nameOf(credentials.uid)}`
    const text = `process ${pid}${user} looks like a guest, left out, because ${reason}`
    this.#say(pid, new Problem('not-applicable', text.slice(0, 4096)))
  }

  #explainHeld({ pid, startTime }: Candidate, credentials: FileCredentials | undefined): string | undefined {
    if (startTime === undefined || credentials === undefined) return undefined
    return this.#held.explain({ pid, startTime, owner: ownerOf(this.#root, pid, credentials.uid) })
  }

  /** Looks at program and user in one go, so that the process can hardly have been another's program in between. */
  #explainDistrust(pid: number, credentials: FileCredentials | undefined): string | undefined {
    const reason = this.#trust.explainDistrust(pid, credentials?.uid ?? -1)
    const after = readProcessStatus(this.#root, pid)?.credentials
    if (reason !== undefined || credentials === undefined || after === undefined) return reason
    return isSameUser(credentials, after) ? undefined : 'it changed its user while it was looked at'
  }

  #explainCrowd(uid: number): string | undefined {
    const count = (this.#guestsOfUser.get(uid) ?? 0) + 1
    if (count > maxGuestsOfUser) return `its user runs more than ${maxGuestsOfUser} guests`
    if (this.found.guests.length >= most.guests) return `more than ${most.guests} guests run`
    this.#guestsOfUser.set(uid, count)
    return undefined
  }

  #say(pid: number, problem: Problem): void {
    if (this.found.unreadable.length >= maxUnreadable) return
    this.found.unreadable.push({ path: processPath(this.#root, pid), problem: problem.toData() })
  }
}
