// The lab of the suite of Debian guests: guests with work on their disks, under one memory limit.
import type { LabGuest, LabOptions } from '../../beds/lab/lab.ts'
import { type BenchLab, upBenchLab } from '../bench-lab.ts'

export interface WorkLabPlan {
  /** Of each guest. */
  readonly ramMiB: readonly number[]
  /** Of that, what is left for images beside the guests' memory is some 500 MiB. */
  readonly limitMiB: number
  readonly format: 'raw' | 'qcow2'
}

/** Neither the database nor the tree fits its guest. */
export const pairOfGuests: WorkLabPlan = { ramMiB: [768, 448], limitMiB: 1980, format: 'raw' }
/** On one base: what one has read, another may find. */
export const threeClones: WorkLabPlan = { ramMiB: [448, 448, 448], limitMiB: 2240, format: 'qcow2' }

/** Storage is not slowed down while guests boot and fill their caches. */
const unlimitedIops = 1_000_000

function workLab({ ramMiB, limitMiB, format }: WorkLabPlan, readAheadKiB: number): LabOptions {
  return {
    readAheadKiB,
    hosts: [
      {
        kind: 'plain',
        memoryLimitBytes: limitMiB * 2 ** 20,
        readIops: unlimitedIops,
        guests: ramMiB.map((size, index) => ({
          ...({ size: 'real', content: 'work', name: `guest-${index + 1}`, ramMiB: size, format } as const),
        })),
      },
    ],
  }
}

/** Boots the guests and fills their caches: one with its database, the others with the tree. */
export async function upWorkLab(
  plan: WorkLabPlan,
  readAheadKiB: number,
  say: (line: string) => void,
): Promise<BenchLab> {
  const lab = await upBenchLab(workLab(plan, readAheadKiB), say)
  try {
    await Promise.all(lab.host.guests.map((guest, at) => fillGuest(guest, at === 0)))
    return lab
  } catch (error) {
    await lab.down()
    throw error
  }
}

/** All of its memory is touched, as that of a guest that has been up for a day. */
async function fillGuest(guest: LabGuest, isDatabase: boolean): Promise<void> {
  const files = isDatabase ? '/var/lib/postgresql/*/main/base/*/*' : '/srv/tree/*/*/*'
  await guest.command(`cat ${files} >/dev/null; sync`, 300_000)
}
