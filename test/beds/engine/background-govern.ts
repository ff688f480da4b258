// `govern` in the background of a lab host while things happen there: its rounds, and what it holds of guests.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readKsmSettings } from '../lab/ksm-settings.ts'
import { listNamespace, waitUntil } from '../lab/processes.ts'
import { type EngineLab, whileStopped } from './engine-lab.ts'
import { type Held, leastHeld } from './held.ts'

const START_TIMEOUT_MS = 90_000
const ROUND_TIMEOUT_MS = 60_000

const round = z.object({
  imageCacheBytes: z.number(),
  doubleCachedBytes: z.number(),
  ksm: z.object({ run: z.number(), bursting: z.boolean() }),
  decisions: z.array(z.string()),
})
type GovernRound = z.infer<typeof round>

export interface BackgroundGovern {
  /** As the tests see it. */
  readonly pid: number
  readonly said: () => string
  /** The first round that fits, of those that have begun since the call. */
  nextRound(fits?: (round: GovernRound) => boolean): Promise<GovernRound>
  /** Runs `work` while it stands still and ksmd does not scan, so that figures hold still. */
  whileAtRest<T>(work: () => Promise<T>): Promise<T>
  /** Runs `work` while it stands still, wherever it has got to. */
  whileHeld<T>(work: () => Promise<T>): Promise<T>
  /** The least of some seconds: rounds open and close files of their own. */
  leastHeld(): Promise<Held>
  /** Ends it as a signal does. */
  end(): Promise<void>
}

/** With a lock of its own, so that others may change the host meanwhile. It ends with the lab. */
export async function startBackgroundGovern(lab: EngineLab, policy: object): Promise<BackgroundGovern> {
  const base = join(lab.folder, 'background')
  writeFileSync(`${base}.json`, JSON.stringify(policy))
  for (const ending of ['out', 'err', 'pid']) writeFileSync(`${base}.${ending}`, '')
  const started = await lab.host.exec(
    `SINGLETON_STATE_DIR=${base}-state SINGLETON_RUN_DIR=${base}-run ` +
      `'${lab.program}' govern --json --policy ${base}.json >${base}.out 2>${base}.err </dev/null & echo $! >${base}.pid`,
  )
  if (started.code !== 0) throw new Error(`cannot start govern: ${started.stderr}`)
  const said = () => readFileSync(`${base}.err`, 'utf8')
  const rounds = () => parseRounds(readFileSync(`${base}.out`, 'utf8'))
  await waitUntil(
    () => rounds().length > 0,
    START_TIMEOUT_MS,
    () => `govern has no round: ${said()}`,
  )
  const nextRound = async (fits: (round: GovernRound) => boolean = () => true) => {
    // The one under way may have looked before.
    const from = rounds().length + 1
    const found = () => rounds().slice(from).find(fits)
    await waitUntil(
      () => found() !== undefined,
      ROUND_TIMEOUT_MS,
      () => `no round of govern fits: ${JSON.stringify(rounds().at(-1))} ${said().slice(-500)}`,
    )
    return found() as GovernRound
  }
  const pid = listNamespace(lab.host.initPid).get(Number(readFileSync(`${base}.pid`, 'utf8')))
  if (pid === undefined) throw new Error(`cannot find govern in the lab host: ${said()}`)
  return {
    pid,
    said,
    nextRound,
    whileAtRest: async (work) => {
      for (;;) {
        await nextRound(({ ksm }) => ksm.run === 0 && !ksm.bursting)
        // It may have begun a burst since it said so.
        const isAtRest = () => readKsmSettings().run === '0'
        const done = await whileStopped([{ pid }], async () => isAtRest() && { result: await work() })
        if (done) return done.result
      }
    },
    whileHeld: (work) => whileStopped([{ pid }], work),
    leastHeld: () => leastHeld(pid),
    end: async () => {
      process.kill(pid, 'SIGTERM')
      await waitUntil(
        () => ![...listNamespace(lab.host.initPid).values()].includes(pid),
        START_TIMEOUT_MS,
        () => `govern does not end: ${said()}`,
      )
    },
  }
}

/** Whole lines only: the last one may still be in the writing. */
function parseRounds(text: string): GovernRound[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => round.parse(JSON.parse(line)))
}
