// A lab host without guests of its own, for tests that start and break some: sessions of the helper in it, files.
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type EngineLab, upEngineLab } from '../engine/engine-lab.ts'
import { HelperSession } from '../engine/helper-session.ts'
import type { GuestOptions, LabOptions } from '../lab/lab.ts'
import { waitUntil } from '../lab/processes.ts'
import { type StillGuest, type StillGuestOptions, startStillGuest } from '../lab/still-guest.ts'
import { readProcessStat } from '../process-stat.ts'

const MIB = 2 ** 20
const PID_TIMEOUT_MS = 60_000
const HOLD_TIMEOUT_MS = 60_000

export interface FaultLab extends EngineLab {
  /** Files of tests; goes with the lab. */
  readonly folder: string
  /** A program that runs the helper in the host with the arguments it is given. */
  readonly enter: string
  startGuest(options: StillGuestOptions): Promise<StillGuest>
  /** Kills what is left of the guests that were started. */
  killGuests(): Promise<void>
  /** `serve` in the host. It ends with the lab. */
  openSession(...args: string[]): Promise<HostSession>
  /** Random content, the same again and again: `repeats` times `blockMiB`. On disk when this returns. */
  writeFile(name: string, blockMiB: number, repeats?: number): { path: string; block: string }
}

export interface HostSession extends HelperSession {
  /** Of the helper itself, as the tests see it. */
  readonly pid: number
  /** Does something while the helper is held, at whatever point it has reached. */
  whileHeld<T>(work: () => Promise<T>): Promise<T>
  /** Hangs up and waits for its end; the exit code. */
  end(): Promise<number | null>
}

/** `guests`: those that are there from the start and stay. Default: none. */
export async function upFaultLab(
  options: Pick<LabOptions, 'leavesKsm'> & { readonly guests?: readonly GuestOptions[] } = {},
): Promise<FaultLab> {
  const { guests: staying = [], ...labOptions } = options
  const lab = await upEngineLab(staying, labOptions)
  const folder = join(dirname(lab.program), 'files')
  mkdirSync(folder)
  const enter = join(dirname(lab.program), 'enter-host')
  const script = `#!/bin/sh\nexec nsenter --target ${lab.host.initPid} --pid --mount --uts '${lab.program}' "$@"\n`
  writeFileSync(enter, script, { mode: 0o755 })
  const sessions: HelperSession[] = []
  const guests: StillGuest[] = []
  return {
    ...lab,
    folder,
    enter,
    startGuest: async (options) => {
      const guest = await startStillGuest(lab.host, options)
      guests.push(guest)
      return guest
    },
    killGuests: async () => {
      for (const guest of guests.splice(0)) await guest.kill()
    },
    openSession: async (...args) => {
      const session = new HelperSession(enter, args, { PATH: process.env.PATH, HOME: '/root' })
      sessions.push(session)
      return openHostSession(session)
    },
    down: async () => {
      for (const { child } of sessions) child.kill('SIGKILL')
      await lab.down()
    },
    writeFile: (name, blockMiB, repeats = 1) => {
      const path = join(folder, name)
      const block = join(folder, `${name}.block`)
      const content = randomBytes(blockMiB * MIB)
      writeFileSync(block, content)
      writeRepeated(path, content, repeats)
      return { path, block }
    },
  }
}

async function openHostSession(session: HelperSession): Promise<HostSession> {
  await session.call('ksm/status')
  const parent = session.child.pid ?? 0
  const pid = await findHelper(parent)
  return Object.assign(session, {
    pid,
    whileHeld: async <T>(work: () => Promise<T>) => {
      process.kill(pid, 'SIGSTOP')
      // nsenter stops with what it runs: continued before it has, it would stop for good.
      await waitUntil(
        () => isStopped(pid) && isStopped(parent),
        HOLD_TIMEOUT_MS,
        () => `cannot hold the helper: process ${pid} or its parent ${parent} does not stop`,
      )
      try {
        return await work()
      } finally {
        for (const stopped of [parent, pid]) process.kill(stopped, 'SIGCONT')
      }
    },
    end: () => {
      session.child.stdin.end()
      return session.ended
    },
  })
}

function isStopped(pid: number): boolean {
  return readProcessStat(pid)?.state === 'T'
}

function writeRepeated(path: string, content: Buffer, repeats: number): void {
  const fd = openSync(path, 'wx')
  try {
    for (let i = 0; i < repeats; i += 1) writeSync(fd, content)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** nsenter stays as the parent of what it runs in another PID namespace. */
export async function findHelper(parent: number): Promise<number> {
  const listChildren = () => readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim()
  await waitUntil(
    () => listChildren() !== '',
    PID_TIMEOUT_MS,
    () => `cannot find the helper below process ${parent}`,
  )
  return Number(listChildren().split(' ')[0])
}

/** The first report of a step that fits, of a request made with this token. */
export async function waitForStep(session: HelperSession, token: string, fits: RegExp): Promise<void> {
  await session.waitFor(({ method, params }) => {
    if (method !== '$/progress') return false
    const { token: of, value } = params as { token: string; value: { step: string } }
    return of === token && fits.test(value.step)
  })
}
