// A lab host with the compiled helper in it, and the independent programs beside it.
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { ensureHelper } from '../../../scripts/built-parts.mjs'
import { ksmStatus } from '../../../src/shared/contract/ksm.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { isRoot } from '../is-root.ts'
import {
  downLab,
  type GuestOptions,
  type HostOptions,
  type LabGuest,
  type LabHost,
  type LabOptions,
  smallContents,
  upLab,
} from '../lab/lab.ts'
import { waitUntil } from '../lab/processes.ts'
import { type RunResult, run, runOk } from '../lab/run.ts'
import { readProcessStat } from '../process-stat.ts'

const root = dirname(dirname(dirname(import.meta.dirname)))
const expectedFolder = join(import.meta.dirname, 'expected')
const python = '/usr/bin/python3'
const STOP_TIMEOUT_MS = 30_000

if (!isRoot) console.warn('skipped: tests of the engine need root for namespaces, guests and their memory')

export interface EngineLab {
  readonly host: LabHost
  /** Path of the helper inside the host. */
  readonly program: string
  /** Files of tests, seen at the same path inside the host; goes with the lab. */
  readonly folder: string
  /** All images that guests of the host have of their own. */
  readonly images: readonly string[]
  /** Runs the helper inside the host, through another program where one is given. */
  helper(args: string, through?: string): Promise<RunResult>
  /** As `helper`, for a command that must succeed; its document. */
  helperJson<T>(args: string, schema: z.ZodType<T>): Promise<T>
  /**
   * As `helperJson`, outside of the host, as on a machine without lab hosts: there ksmd is in sight, and so are guests
   * of others. By its exit code a burst tells how it has ended: the document says so too, and is what counts.
   */
  helperJsonOutside<T>(args: string, schema: z.ZodType<T>): Promise<T>
  /** Runs `work` while no guest runs, so that figures hold still. */
  whileStopped<T>(work: () => Promise<T>): Promise<T>
  down(): Promise<void>
}

export async function upEngineLab(
  guests: readonly GuestOptions[],
  { leavesKsm, ...limits }: Pick<LabOptions, 'leavesKsm'> & Pick<HostOptions, 'memoryLimitBytes'> = {},
): Promise<EngineLab> {
  await ensureHelper(root, process.execPath, process.env)
  const dir = mkdtempSync(join(tmpdir(), 'singleton-engine-'))
  rmdirSync(dir)
  const lab = await upLab({
    dir,
    hosts: [{ guests, ...limits }],
    ...smallContents,
    ...withValue({ leavesKsm }),
  })
  const [host] = lab.hosts
  if (host === undefined) throw new Error('cannot test the engine: the lab has no host')
  // A lab host has folders of its own where the repository may lie.
  const program = join(dir, 'hosts', 'singleton-helper')
  copyFileSync(join(root, 'resources/helper/singleton-helper-linux-x64'), program)
  const helper = (args: string, through = '') => host.exec(`exec ${through} '${program}' ${args}`)
  return {
    host,
    program,
    folder: dirname(program),
    images: [...new Set(host.guests.flatMap((guest) => guest.images))],
    helper,
    async helperJson(args, schema) {
      const result = await helper(`${args} --json`)
      if (result.code !== 0) throw new Error(`cannot run ${args}: exit ${result.code}: ${result.stderr}`)
      return schema.parse(JSON.parse(result.stdout))
    },
    helperJsonOutside: async (args, schema) => {
      const folders = {
        SINGLETON_STATE_DIR: join(dir, 'hosts/state'),
        SINGLETON_RUN_DIR: join(dir, 'hosts/run'),
      }
      const env = { ...process.env, ...folders }
      const result = await run(program, [...args.split(' '), '--json'], { env, timeoutMs: 400_000 })
      // Also where it exits with a document of its problem.
      const hasResult = result.stdout.startsWith('{') && !result.stdout.startsWith('{"problem"')
      if (!hasResult) throw new Error(`cannot run ${args}: ${result.stderr}`)
      return schema.parse(JSON.parse(result.stdout))
    },
    whileStopped: (work) => whileStopped(host.guests, work),
    down: async () => {
      await downLab(dir)
    },
  }
}

/** Puts KSM back, and ends the guests whatever becomes of that. */
export async function restoreAndDown(lab: EngineLab | undefined): Promise<void> {
  try {
    await lab?.helperJsonOutside('ksm restore', ksmStatus)
  } finally {
    await lab?.down()
  }
}

/** Runs `work` while these guests stand still. */
export async function whileStopped<T>(
  guests: readonly Pick<LabGuest, 'pid'>[],
  work: () => Promise<T>,
): Promise<T> {
  for (const { pid } of guests) process.kill(pid, 'SIGSTOP')
  try {
    // Each thread stops once it comes to a processor.
    await waitUntil(
      () => guests.every(({ pid }) => isStopped(pid)),
      STOP_TIMEOUT_MS,
      () => `cannot stop the guests ${guests.map(({ pid }) => pid).join(', ')}`,
    )
    return await work()
  } finally {
    for (const { pid } of guests) process.kill(pid, 'SIGCONT')
  }
}

/** Once one thread has stopped all others are woken for it, and those that still run count as running. */
function isStopped(pid: number): boolean {
  if (readProcessStat(pid)?.state !== 'T') return false
  return readdirSync(`/proc/${pid}/task`).every((thread) => readProcessStat(Number(thread))?.state !== 'R')
}

/** What depends on the page cache, which the kernel may take from at any time. */
const expectedCached = z.object({
  images: z.record(
    z.string(),
    z.object({
      residentPages: z.number(),
      /** Held by a guest that has the image open. */
      doubleCachedPages: z.number(),
      /** Held by other guests only. */
      heldElsewherePages: z.number(),
    }),
  ),
  /** Of each guest. */
  doubleCachedPages: z.record(z.string(), z.number()),
})
export type ExpectedCached = z.infer<typeof expectedCached>

const expectedSchema = expectedCached.extend({
  guests: z.record(
    z.string(),
    z.object({
      /** Of RAM and of all else that KSM may merge. */
      ramPages: z.number(),
      residentPages: z.number(),
      zeroPages: z.number(),
      identicalPages: z.number(),
      mergeablePages: z.number(),
      mergedPages: z.number(),
      freedZeroPages: z.number(),
    }),
  ),
  mergeablePages: z.number(),
})
export type Expected = z.infer<typeof expectedSchema>

/** What the independent program finds. */
export async function measureExpected(lab: EngineLab): Promise<Expected> {
  return expectedSchema.parse(JSON.parse(await runOk(python, argumentsFor('measure.py', lab))))
}

/** By pid of the guest: a letter for each page of its RAM, present or not. expected/map.py says which. */
export type MappedPages = Readonly<Record<string, string>>

/** In which state the independent program finds each page. */
export async function measureMap(lab: EngineLab): Promise<MappedPages> {
  const printed = await runOk(python, argumentsFor('map.py', lab))
  return z.record(z.string(), z.string()).parse(JSON.parse(printed))
}

/**
 * What the independent program finds before `work`, and what it finds in the page cache after it, for guests that stand still
 * all the while: their memory, which takes it longest, is read once. Throws where the program fails or says nothing.
 */
export async function measureAround<T>(
  lab: EngineLab,
  work: () => Promise<T>,
): Promise<{ readonly before: Expected; readonly done: T; readonly after: ExpectedCached }> {
  const args = argumentsFor('measure.py', lab, '--again')
  const program = spawn('setpriv', ['--pdeathsig', 'KILL', python, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]()
    const nextDocument = async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error('cannot measure what is to be expected: measure.py ended early')
      return JSON.parse(value)
    }
    const before = expectedSchema.parse(await nextDocument())
    const done = await work()
    program.stdin.end('again\n')
    return { before, done, after: expectedCached.parse(await nextDocument()) }
  } finally {
    program.kill('SIGKILL')
  }
}

function argumentsFor(program: string, lab: EngineLab, ...options: string[]): string[] {
  const pids = lab.host.guests.map(({ pid }) => String(pid))
  return [join(expectedFolder, program), ...options, ...pids, '--', ...lab.images]
}

/** Path -> one digit a page, 1 where it is resident. */
export async function readResidency(images: readonly string[]): Promise<Record<string, string>> {
  const args = [join(expectedFolder, 'residency.py'), 'show', ...images]
  return z.record(z.string(), z.string()).parse(JSON.parse(await runOk(python, args)))
}

/** Asks the kernel to evict the clean pages of a range. */
export async function dropCache(image: string, start: number, end: number): Promise<void> {
  const args = [join(expectedFolder, 'residency.py'), 'drop', image, String(start), String(end)]
  await runOk(python, args)
}
