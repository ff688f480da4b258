// How the service of a host stands, in sentences: the same on screens and on the command line.
import type { ServiceStatus } from '../contract/service.ts'
import { ownLines } from './terminal.ts'

const states: Readonly<Record<ServiceStatus['state'], string>> = {
  unsupported: 'no service is possible here',
  absent: 'no service is installed',
  starting: 'the service starts',
  running: 'the service runs',
  stopping: 'the service stops',
  stopped: 'the service is installed and does not run',
  failed: 'the service has failed',
}

/** Some lines. */
export function describeService(status: ServiceStatus): string {
  const { state, note, pid, enabled, program, previous, isThisBuild, hasPolicy, brokenPolicy } = status
  const isInstalled = state !== 'absent' && state !== 'unsupported'
  return ownLines([
    `${states[state]}${pid === undefined ? '' : ` (process ${pid})`}${note === undefined ? '' : `: ${note}`}`,
    ...(program === undefined ? [] : [describeProgram(program, isThisBuild)]),
    ...(previous === undefined ? [] : [`a roll-back goes to ${previous.version} (${short(previous)})`]),
    ...(isInstalled && enabled === false ? ['it does not start at boot'] : []),
    ...(isInstalled && !hasPolicy ? ['it has no policy, and waits for one'] : []),
    ...(brokenPolicy === undefined
      ? []
      : [`a policy file that could not be used lies in ${brokenPolicy}: mend it or remove it`]),
  ])
}

function describeProgram(program: NonNullable<ServiceStatus['program']>, isThisBuild = true): string {
  const other = isThisBuild ? '' : '; the workbench has another build'
  return `version ${program.version} (${short(program)})${other}`
}

function short({ buildDigest }: { readonly buildDigest: string }): string {
  return buildDigest.slice(0, 12)
}

/** What becomes of a policy when nobody is connected any more: said before it is started. */
export function describeDisconnect(mode: 'session' | 'service'): string {
  return mode === 'session'
    ? 'It runs in session mode: when the workbench disconnects or closes, the policy ends and every setting is put back as it was.'
    : 'It runs in service mode: it goes on when the workbench disconnects or closes, and after a reboot, until it is stopped.'
}
