// Which process keeps the roll-outs of a data folder: two workbenches must not both go on with one.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { parseProcessStat } from '../../shared/parsing/process-stat.ts'

export const keeper = z.object({
  pid: z.int().positive(),
  /** When it began, in ticks since the boot, so that a number that was given out again is told apart. */
  startTicks: z.string().regex(/^\d{1,20}$/),
})
export type Keeper = z.infer<typeof keeper>

/** undefined: this system has no /proc, and then nobody is told apart. */
export async function findKeeper(pid = process.pid): Promise<Keeper | undefined> {
  let text: string
  try {
    text = await readFile(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
  const startTicks = parseProcessStat(text)?.startTime
  return startTicks === undefined ? undefined : { pid, startTicks }
}

/** Whether it is a process that still runs. */
export async function isAlive(one: Keeper | undefined): Promise<boolean> {
  return one !== undefined && (await findKeeper(one.pid))?.startTicks === one.startTicks
}

/** Whether it is another process that still runs. */
export async function isAnotherAlive(one: Keeper | undefined): Promise<boolean> {
  return one?.pid !== process.pid && (await isAlive(one))
}
