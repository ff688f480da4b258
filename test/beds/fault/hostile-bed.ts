// A lab host with programs that pass for guests, a session of the helper in it, and what both are asked.
import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Assessment, assessment } from '../../../src/shared/contract/assessment.ts'
import { type Sample, sample } from '../../../src/shared/contract/history.ts'
import { type FaultLab, type HostSession, upFaultLab } from './fault-lab.ts'
import { buildHostileGuest, type HostileGuest, startHostileGuest } from './hostile-guest.ts'

export interface HostileBed {
  readonly lab: FaultLab
  /** Of hostile guests. */
  readonly program: string
  /** `serve --read-only`. */
  readonly session: HostSession
  start(name: string, ...args: string[]): Promise<HostileGuest>
  /** One that was started otherwise is ended with the others. */
  adopt(guest: HostileGuest): void
  endGuests(): Promise<void>
  assess(): Promise<Assessment>
  takeSample(): Promise<Sample>
}

export async function upHostileBed(): Promise<HostileBed> {
  const lab = await upFaultLab({ leavesKsm: true })
  try {
    return await prepareBed(lab)
  } catch (error) {
    await lab.down()
    throw error
  }
}

async function prepareBed(lab: FaultLab): Promise<HostileBed> {
  const guests: HostileGuest[] = []
  const program = await buildHostileGuest(lab.folder)
  // A stranger has to get to the files in there.
  for (const path of [lab.folder, dirname(lab.folder), dirname(dirname(lab.folder))]) chmodSync(path, 0o711)
  const session = await lab.openSession('--read-only')
  return {
    lab,
    program,
    session,
    start: async (name, ...args) => {
      const guest = await startHostileGuest(lab.host.initPid, program, ['-name', name, ...args])
      guests.push(guest)
      return guest
    },
    adopt: (guest) => guests.push(guest),
    endGuests: async () => {
      for (const guest of guests.splice(0)) await guest.end()
    },
    assess: async () => assessment.parse((await session.call('assess')).result),
    takeSample: async () => sample.parse((await session.call('sample')).result),
  }
}
