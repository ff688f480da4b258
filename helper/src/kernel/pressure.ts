// /proc/pressure/*: pressure stall information, from Linux 4.20 on.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withValue } from '../../../src/shared/with-value.ts'
import type { KernelRoot } from './kernel-root.ts'
import { mayRead } from './may-access.ts'
import { errnoOf, systemProblem } from './system-error.ts'

/** Shares of the last 10 s, 0 to 1. Absent: not reported by this kernel. */
export interface Pressure {
  /** In which at least one task waited for it. */
  readonly someRatio?: number
  /** In which every task that could have run waited for it. */
  readonly fullRatio?: number
}

const absent: readonly (string | undefined)[] = ['ENOENT', 'EOPNOTSUPP', 'ENOTSUP']

/** No privilege needed. Empty where the kernel was built without it, or started with psi=0 (EOPNOTSUPP). */
export async function readPressure(root: KernelRoot, resource: 'memory' | 'io' | 'cpu'): Promise<Pressure> {
  const path = join(root.proc, 'pressure', resource)
  try {
    return parsePressure(readFileSync(path, 'utf8'))
  } catch (error) {
    if (absent.includes(errnoOf(error))) return {}
    throw systemProblem(error, `read ${path}`)
  }
}

/** Whether the kernel reports memory pressure: CONFIG_PSI, and not psi=0. */
export function reportsMemoryPressure(root: KernelRoot): boolean {
  return mayRead(join(root.proc, 'pressure/memory'))
}

/** avg10 of each line; a line that is not there is absent. Pure. */
export function parsePressure(text: string): Pressure {
  const [someRatio, fullRatio] = [averageOf('some', text), averageOf('full', text)]
  return { ...withValue({ someRatio }), ...withValue({ fullRatio }) }
}

function averageOf(line: string, text: string): number | undefined {
  const percent = new RegExp(`^${line} avg10=(\\d+(?:\\.\\d+)?)`, 'm').exec(text)?.[1]
  return percent === undefined ? undefined : Math.min(1, Number(percent) / 100)
}
