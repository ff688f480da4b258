// Builds what the KSM policy sees.

import type { KsmSettings } from '../../../src/shared/contract/ksm.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Guest } from '../guests/guests.ts'
import { turnsMergingOff } from '../guests/qemu-command-line.ts'
import { readSharedRooms } from '../kernel/cache-limit.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readKsmStat } from '../kernel/ksm-stat.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readStartTime, secondsOfStartTime } from '../kernel/process-stat.ts'
import { readKsmCounters, readKsmSettings } from '../kernel/read-ksm.ts'
import { readResidentPages } from '../kernel/statm.ts'
import { processProblem } from '../kernel/system-error.ts'
import { readUptimeSeconds } from '../kernel/uptime.ts'
import { describeGovernors, findGovernors } from '../ksm/governors.ts'
import type { MeasuredPotential } from '../ksm/potential.ts'
import { isSameRate, type ScanRate } from '../policies/ksm-budget.ts'
import type { GovernedGuest, KsmAction, KsmObservation } from '../policies/ksm-observation.ts'
import type { GuestSwitches } from './guest-switches.ts'
import type { MergeBreaks } from './merge-breaks.ts'

/** A measurement, and what merging saved in living processes then. */
export interface AimedPotential extends MeasuredPotential {
  readonly savedPages: number
}

export interface KsmLook {
  readonly root: KernelRoot
  readonly nowSeconds: number
  readonly memory: KsmObservation['memory']
  readonly processor?: KsmObservation['processor']
  readonly guests: readonly Guest[]
  readonly potential: AimedPotential | undefined
  /** Guests whose memory is not what the last measurement saw. */
  readonly turnedOver: ReadonlySet<number>
  readonly switches: Pick<GuestSwitches, 'isReachable' | 'mergeable'>
  readonly breaks: Pick<MergeBreaks, 'countBreaks'>
  /** Reads what control groups that guests share leave them, by which the policy may hurry. */
  readonly readsRooms: boolean
  /** Told of what of one guest cannot be read, a line each: the others are seen without it. */
  readonly noteUnreadable: (line: string) => void
}

/** Looking for other governors goes through all processes: repeated every so many looks only. */
const looksBetweenGovernors = 10

export class KsmObserver {
  #looks = 0
  #otherGovernors: readonly string[] = []
  /** As ksmd was last told to scan here. Undefined: it was told to rest, or was told nothing yet. */
  #asked: ScanRate | undefined

  /** undefined: this kernel has no KSM. A guest that has ended is left out. */
  async observeKsm(look: KsmLook): Promise<KsmObservation | undefined> {
    const { root, potential } = look
    try {
      const settings = await readKsmSettings(root)
      if (this.#looks % looksBetweenGovernors === 0 || this.#isSetByOthers(settings))
        this.#otherGovernors = describeGovernors(await findGovernors(root, settings))
      this.#looks += 1
      const uptime = await readUptimeSeconds(root)
      const pids = look.readsRooms ? look.guests.map(({ pid }) => pid) : []
      const rooms = await readSharedRooms(root, pids, look.noteUnreadable)
      const guests = await Promise.all(
        look.guests.map(async (guest) => {
          const seen = await attempt(look, guest, () => observeGuest(look, guest, uptime))
          return seen && { ...seen, ...withValue({ rooms: rooms.get(guest.pid) }) }
        }),
      )
      return {
        atSeconds: look.nowSeconds,
        pageBytes: pageSize,
        counters: await readKsmCounters(root),
        run: settings.run,
        rate: { pagesToScan: settings.pagesToScan, sleepMillisecs: settings.sleepMillisecs },
        otherGovernors: this.#otherGovernors,
        memory: look.memory,
        ...withValue({ processor: look.processor }),
        ...(potential !== undefined && {
          potential: {
            bytes: potential.bytes,
            savedPages: potential.savedPages,
            measuredAtSeconds: potential.measuredAtSeconds,
          },
        }),
        guests: guests.filter((guest) => guest !== undefined),
      }
    } catch (error) {
      if (error instanceof Problem && error.code === 'not-supported') return undefined
      throw error
    }
  }

  /** Whoever sets another rate than was set here is looked for at once. */
  noteAsked(actions: readonly KsmAction[]): void {
    for (const action of actions)
      if (action.kind === 'scan') this.#asked = action
      else if (action.kind === 'stop') this.#asked = undefined
  }

  #isSetByOthers({ run, pagesToScan, sleepMillisecs }: KsmSettings): boolean {
    const asked = this.#asked
    return asked !== undefined && (run !== 1 || !isSameRate(asked, { pagesToScan, sleepMillisecs }))
  }

  /** Other governors were stopped or switched off: look for them again at once. */
  lookAgain(): void {
    this.#looks = 0
  }
}

/** undefined: the guest has ended, or does not let itself be read, which is noted. */
async function attempt<T>(
  look: KsmLook,
  { name, pid }: Guest,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    const problem = processProblem(error, `look at guest ${name} (pid ${pid})`)
    if (problem.code === 'internal') throw problem
    if (problem.code !== 'gone') look.noteUnreadable(problem.message)
    return undefined
  }
}

async function observeGuest(
  look: KsmLook,
  guest: Guest,
  uptimeSeconds: number,
): Promise<GovernedGuest | undefined> {
  const { root, potential } = look
  const startTime = await readStartTime(root, guest.pid)
  const residentPages = await readResidentPages(root, guest.pid)
  if (startTime === undefined || residentPages === undefined) return undefined
  const known = potential?.guests.get(guest.pid)
  const measured = known?.startTime === startTime ? known : undefined
  const breaks = look.breaks.countBreaks(guest.pid, look.nowSeconds)
  const stat = await attempt(look, guest, () => readKsmStat(root, guest.pid))
  const merging = stat?.mergingPages
  const isOffered = look.switches.mergeable(guest.pid) ?? measured?.mergeable
  return {
    pid: guest.pid,
    name: guest.name,
    ageSeconds: Math.max(0, uptimeSeconds - secondsOfStartTime(startTime)),
    residentBytes: residentPages * pageSize,
    // Memory can be offered that is none of the guest's RAM: that some is tells nothing, that none is tells all.
    mergeable: stat?.mergeable !== false && (isOffered ?? !turnsMergingOff(guest.args)),
    monitorReachable: look.switches.isReachable(guest.pid),
    ...withValue({ potentialBytes: measured?.potentialBytes }),
    ...(merging !== undefined && { mergedBytes: merging * pageSize }),
    ...withValue({ breaks }),
    ...(look.turnedOver.has(guest.pid) && { turnedOver: true }),
  }
}
