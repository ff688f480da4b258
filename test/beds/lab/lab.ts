// The lab of real guests: up, attach and down. See README.md beside this file.
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { buildBootFiles } from './boot-files.ts'
import { removeCgroups } from './cgroups.ts'
import { makeClientKey } from './host-folder.ts'
import { readKsmSettings, restoreKsmSettings } from './ksm-settings.ts'
import { attachHost, type LabHost } from './lab-host.ts'
import { defaultLabDir, type LabOptions, type LabPlan, planLab } from './options.ts'
import { identify, killAll } from './processes.ts'
import { findReadAhead, writeReadAhead } from './read-ahead.ts'
import { waitForGuests } from './start-guest.ts'
import { startHost } from './start-host.ts'
import { isHeld, type LabState, readBootId, readState, withLock, writeState } from './state.ts'

export type { LabGuest, LabHost } from './lab-host.ts'
export type { GuestOptions, HostOptions, LabOptions } from './options.ts'
export { smallContents } from './options.ts'
export { writeSshHome } from './ssh-home.ts'

export interface Lab {
  readonly dir: string
  readonly hosts: readonly LabHost[]
  down(options?: DownOptions): Promise<void>
}

export interface DownOptions {
  /** Leaves the images for a next lab in the same folder. */
  readonly keepImages?: boolean
  /** Ends the lab even where another living process started it. Default true. */
  readonly force?: boolean
}

type Progress = (text: string) => void

/** Folders of the labs of this process, from before anything of them comes into being until they are gone. */
const own = new Set<string>()
const endsWithinMs = 15_000

/** For a process that is told to end in the middle of its work: nothing else would take its guests down. */
export async function downOwnLabs(): Promise<void> {
  for (const dir of [...own]) await downOwnLab(dir)
}

/** One that comes up or goes down at this moment ends by itself, the sooner without its processes. */
async function downOwnLab(dir: string): Promise<void> {
  const until = performance.now() + endsWithinMs
  while (own.has(dir)) {
    try {
      await downLab(dir, { keepImages: true })
    } catch (error) {
      if (performance.now() > until) throw error
      await killAll(readState(dir)?.processes ?? [])
      await sleep(200)
    }
  }
}

/** Brings a lab up, once leftovers of a dead one in the same folder are gone; refuses where one is in use. */
export async function upLab(options: LabOptions = {}, onProgress: Progress = () => undefined): Promise<Lab> {
  const plan = planLab(options)
  if (process.getuid?.() !== 0)
    throw new Error('cannot bring up a lab: namespaces and guests of their own need root')
  await withLock(plan.dir, async () => {
    const found = readState(plan.dir)
    if (found && isHeld(found)) {
      const holder = found.detached ? 'lab up' : `process ${found.owner.pid}`
      throw new Error(
        `cannot bring up a lab in ${plan.dir}: ${holder} has had one there since ${found.startedAt}`,
      )
    }
    if (found) {
      onProgress(`removing what is left of the lab of ${found.startedAt}`)
      await remove(plan.dir, found, true)
    }
    if (!plan.detached) own.add(plan.dir)
    try {
      await bringUp(plan, onProgress)
    } catch (error) {
      await remove(plan.dir, readState(plan.dir), true)
      own.delete(plan.dir)
      throw error
    }
  })
  return openLab(plan.dir)
}

/** A lab that is up, from any process. */
export function openLab(dir: string = defaultLabDir()): Lab {
  const state = readState(dir)
  if (state?.phase !== 'up') throw new Error(`cannot open the lab in ${dir}: it is not up`)
  return {
    dir,
    hosts: state.hosts.map((host) => attachHost(dir, host)),
    down: async (options) => {
      // Where somebody removed this lab already, the one there now is another's.
      if (readState(dir)?.startedAt === state.startedAt) await downLab(dir, options)
    },
  }
}

/** Removes a lab and its leftovers; false when there was none. */
export async function downLab(dir: string = defaultLabDir(), options: DownOptions = {}): Promise<boolean> {
  if (!existsSync(dir)) {
    own.delete(dir)
    return false
  }
  const state = readState(dir)
  if (state && options.force === false && isHeld(state))
    throw new Error(`cannot remove the lab in ${dir}: in use`)
  await withLock(dir, () => remove(dir, readState(dir), options.keepImages ?? false))
  own.delete(dir)
  if (readdirSync(dir).length === 0) rmdirSync(dir)
  return state !== undefined
}

async function bringUp(plan: LabPlan, progress: Progress): Promise<void> {
  let state: LabState = {
    owner: identify(process.pid),
    bootId: readBootId(),
    detached: plan.detached,
    phase: 'starting',
    startedAt: new Date(wallClock()).toISOString(),
    ksm: plan.leavesKsm ? {} : readKsmSettings(),
    processes: [],
    cgroups: [],
    hosts: [],
  }
  const record = (change: Partial<LabState>) => {
    state = { ...state, ...change }
    writeState(plan.dir, state)
  }
  record({})
  await makeClientKey(plan.dir)
  mkdirSync(plan.imagesDir, { recursive: true })
  const boot = await buildBootFiles(plan.imagesDir)
  const readAhead = plan.readAheadKiB === undefined ? undefined : findReadAhead(plan.dir)
  if (readAhead !== undefined) {
    record({ readAhead })
    writeReadAhead({ ...readAhead, kib: `${plan.readAheadKiB}` })
  }
  for (const host of plan.hosts) {
    const started = await startHost(host, {
      plan,
      boot,
      recordNamespace: ({ init, unshare }) => record({ processes: [...state.processes, init, unshare] }),
      recordCgroups: (cgroups) => record({ cgroups: [...state.cgroups, ...cgroups] }),
      progress,
    })
    record({ hosts: [...state.hosts, started] })
  }
  for (const host of state.hosts) await waitForGuests(host, progress)
  record({ phase: 'up' })
}

async function remove(dir: string, state: LabState | undefined, keepImages: boolean): Promise<void> {
  if (state?.bootId === readBootId()) {
    // The kernel kills all that runs in a PID namespace with its init, and unmounts what only it saw.
    await killAll(state.processes)
    await removeCgroups(state.cgroups)
    restoreKsmSettings(state.ksm)
    if (state.readAhead !== undefined) writeReadAhead(state.readAhead)
  }
  const names = ['hosts', 'client', 'state.json.new', ...(keepImages ? [] : ['images']), 'state.json']
  for (const name of names) rmSync(join(dir, name), { recursive: true, force: true })
}
