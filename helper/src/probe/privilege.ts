// The privileges of this process.
import { Problem } from '../../../src/shared/problem.ts'
import { readOwnCapabilities } from '../kernel/process-status.ts'

const capSysPtrace = 19
const capSysAdmin = 21

/** Throws `not-permitted`, naming the privilege. `doing` completes "cannot …". */
export function requirePrivilege(doing: string): void {
  const held = readOwnCapabilities()
  const missing = [
    held.has(capSysPtrace) ? [] : ["CAP_SYS_PTRACE (guests' memory)"],
    held.has(capSysAdmin) ? [] : ['CAP_SYS_ADMIN (page frames, images of other users)'],
  ].flat()
  if (missing.length === 0) return
  throw new Problem('not-permitted', `cannot ${doing}: it needs ${missing.join(' and ')}`, {
    remedy: 'Run the helper as root, for example with sudo.',
  })
}

/** Whether the memory of other users' processes may be read. */
export function mayTrace(): boolean {
  return readOwnCapabilities().has(capSysPtrace)
}
