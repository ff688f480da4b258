// The policies that the suite compares, each as something that runs beside the guests until it is stopped.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { dropCache } from '../../beds/lab/images.ts'
import type { BenchLab } from '../bench-lab.ts'

export const policyNames = ['none', 'everything', 'periodic', 'reclaim', 'adaptive', 'oracle'] as const
export type PolicyName = (typeof policyNames)[number]

/** Counters since the start of the policy. */
export interface PolicyCounters {
  readonly cpuSeconds: number
  readonly evictedBytes: number
  /** Of those, what was read again within the policy's window: the regret. */
  readonly returnedBytes: number
}

export interface RunningPolicy {
  read(): PolicyCounters
  /** Decisions said so far, for a look at what went on. */
  said(): string
  stop(): Promise<void>
}

export interface PolicyStart {
  readonly everySeconds: number
  /** Where the helper records its observations. */
  readonly record?: string
  /** In place of the named policy's scrub settings. */
  readonly scrub?: object
  /** Settings of KSM. Absent: it is only looked at. */
  readonly ksm?: object
}

export async function startPolicy(
  lab: BenchLab,
  name: PolicyName,
  start: PolicyStart,
): Promise<RunningPolicy> {
  switch (name) {
    case 'none':
      return { read: () => nothing, said: () => '', stop: async () => undefined }
    case 'everything':
      return startDropping(lab.images, start.everySeconds)
    case 'oracle':
      return startDropping(streamImages(lab), oracleSeconds)
    case 'reclaim':
      return startGovern(
        lab,
        { mode: 'reclaim', target: { cacheBytes: reclaimBytes }, ...start.scrub },
        start,
      )
    case 'periodic':
      return startGovern(lab, { mode: 'periodic', everySeconds: start.everySeconds, ...start.scrub }, start)
    case 'adaptive':
      return startGovern(lab, { mode: 'adaptive', ...start.scrub }, start)
  }
}

const nothing: PolicyCounters = { cpuSeconds: 0, evictedBytes: 0, returnedBytes: 0 }
/** As much as there is to reclaim. */
const reclaimBytes = 2 ** 20
const oracleSeconds = 0.5

/** What a policy would evict that knew without looking which guest streams: all of that guest's image. */
function streamImages(lab: BenchLab): readonly string[] {
  return lab.host.guests.filter(({ name }) => name === 'stream').flatMap(({ images }) => images)
}

/** Evicts all clean pages of images, whoever holds them, every so often; dirty ones are written back before. */
function startDropping(images: readonly string[], everySeconds: number): RunningPolicy {
  const stopping = new AbortController()
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await sleep(everySeconds * 1000, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (!stopping.signal.aborted) await dropCache(images)
    }
  })()
  return {
    // What it evicts is not counted: only the helper tells pages that come back.
    read: () => nothing,
    said: () => '',
    async stop() {
      stopping.abort()
      await loop
    },
  }
}

const round = z.object({
  imageCacheBytes: z.number(),
  imageCacheLimitBytes: z.number(),
  evictedBytes: z.number(),
  returnedBytes: z.number(),
  cpu: z.object({ helperSeconds: z.number() }),
})

export async function startGovern(
  lab: Pick<BenchLab, 'host' | 'program'>,
  scrub: object,
  { record, ksm }: Pick<PolicyStart, 'record' | 'ksm'>,
): Promise<RunningPolicy> {
  const base = join(dirname(lab.program), 'govern')
  for (const ending of ['out', 'err', 'pid', 'rc']) rmSync(`${base}.${ending}`, { force: true })
  writeFileSync(`${base}.json`, JSON.stringify({ scrub, ksm }))
  const recording = record === undefined ? '' : `--record '${record}'`
  const started = await lab.host.exec(
    `('${lab.program}' govern --json --policy ${base}.json ${recording} >${base}.out 2>${base}.err & ` +
      `echo $! >${base}.new; mv ${base}.new ${base}.pid; wait $!; echo $? >${base}.new; ` +
      `mv ${base}.new ${base}.rc) >/dev/null 2>&1 </dev/null &`,
  )
  if (started.code !== 0) throw new Error(`cannot start govern: ${started.stderr}`)
  const said = () => (existsSync(`${base}.err`) ? readFileSync(`${base}.err`, 'utf8') : '')
  const failed = () => existsSync(`${base}.rc`) && new Error(`govern has ended: ${said()}`)
  const lines = () => (existsSync(`${base}.out`) ? readFileSync(`${base}.out`, 'utf8').split('\n') : [])
  await waitFor(() => lines().length > 1, failed)
  return {
    read() {
      if (failed()) throw failed()
      const rounds = lines()
        .slice(0, -1)
        .map((line) => round.parse(JSON.parse(line)))
      const sum = (pick: (one: z.infer<typeof round>) => number) =>
        rounds.reduce((all, one) => all + pick(one), 0)
      return {
        cpuSeconds: rounds.at(-1)?.cpu.helperSeconds ?? 0,
        evictedBytes: sum(({ evictedBytes }) => evictedBytes),
        returnedBytes: sum(({ returnedBytes }) => returnedBytes),
      }
    },
    said,
    async stop() {
      await lab.host.exec(`kill -TERM ${readFileSync(`${base}.pid`, 'utf8').trim()}`)
      await waitFor(
        () => existsSync(`${base}.rc`),
        () => false,
      )
    },
  }
}

async function waitFor(isThere: () => boolean, failed: () => Error | false): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!isThere()) {
    const error = failed()
    if (error) throw error
    if (Date.now() > deadline) throw new Error('cannot wait any longer for govern: 30 s have passed')
    await sleep(50)
  }
}
