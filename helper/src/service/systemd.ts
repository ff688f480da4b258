// Runs systemctl, and reads how a unit stands.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Problem } from '../../../src/shared/problem.ts'
import { oneLine } from '../../../src/shared/text/printable.ts'
import { errnoOf } from '../kernel/system-error.ts'

// Nothing of the caller's: SYSTEMD_* would change what it does, and LANG what it says.
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
}
/** Longer than the unit itself gives its start and its end. */
const timeoutMs = 330_000

export interface UnitState {
  readonly load: string
  readonly active: string
  readonly sub: string
  readonly result: string
  readonly enabled: boolean
  readonly pid?: number
  /** What it says of itself. */
  readonly status?: string
}

export interface Systemd {
  /** Whether systemd runs this host. */
  readonly isHere: boolean
  /** Throws `system` with what systemctl said. */
  run(...args: readonly string[]): Promise<string>
  show(unit: string): Promise<UnitState>
}

export const liveSystemd: Systemd = {
  // Source: sd_booted(3).
  get isHere() {
    return existsSync('/run/systemd/system')
  },
  run: (...args) => systemctl(args),
  async show(unit) {
    const names = ['LoadState', 'ActiveState', 'SubState', 'Result', 'UnitFileState', 'MainPID', 'StatusText']
    return parseShown(await systemctl(['show', unit, `--property=${names.join(',')}`]))
  },
}

/** The answer of `systemctl show`. `pid` and `status` are absent while nothing runs or says anything. */
export function parseShown(text: string): UnitState {
  const read = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? ''
  const pid = Number(read('MainPID'))
  const status = read('StatusText')
  return {
    load: read('LoadState'),
    active: read('ActiveState'),
    sub: read('SubState'),
    result: read('Result'),
    enabled: read('UnitFileState') === 'enabled',
    ...(Number.isSafeInteger(pid) && pid > 0 && { pid }),
    ...(status !== '' && { status }),
  }
}

function systemctl(args: readonly string[]): Promise<string> {
  const command = ['--no-ask-password', '--no-pager', ...args]
  const options = { env: environment, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 2 ** 20 } as const
  return new Promise((resolve, reject) => {
    execFile('systemctl', command, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      if (errnoOf(error) === 'ENOENT')
        return reject(new Problem('not-supported', 'cannot ask systemd: systemctl is not installed here'))
      const reason = oneLine(stderr.trim() || error.message, 1000)
      reject(new Problem('system', `cannot run systemctl ${args.join(' ')}: ${reason}`, { cause: error }))
    })
  })
}
