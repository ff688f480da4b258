// Start, `sample`, `assess` and a scrub's plan of this helper beside those of an older one, in turn, on the same guests:
//   node test/bench/against-older.ts OLDER_HELPER [ROUNDS]
// OLDER_HELPER is a binary that `node helper/build.mjs` made of older sources. Prints medians over the rounds.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { medianOf } from '../../src/shared/statistics/median.ts'
import { HelperSession } from '../beds/engine/helper-session.ts'
import { upFaultLab } from '../beds/fault/fault-lab.ts'

const samplesOfRound = 50
/** The engine compiles what runs often; an assessment knows images from the one before. */
const warmingRounds = 3

const [older, rounds = 10] = [process.argv[2], Number(process.argv[3] ?? 10)]
if (older === undefined) throw new Error('cannot compare: name the older helper')

const sampled = z.object({ helper: z.object({ cpuSeconds: z.number() }) })
const assessed = z.object({ cost: z.object({ cpuSeconds: z.number(), wallSeconds: z.number() }) })

interface Round {
  readonly startMs: number
  readonly planMs: number
  readonly sampleMs: number
  readonly sampleCpuMs: number
  readonly assessMs: number
  readonly assessCpuMs: number
}
type Figure = keyof Round
const figures: Readonly<Record<Figure, string>> = {
  startMs: 'start until hello, by the clock',
  planMs: 'plan of a scrub, by the clock',
  sampleMs: 'sample, by the clock',
  sampleCpuMs: 'sample, CPU time',
  assessMs: 'assess, by the clock',
  assessCpuMs: 'assess, CPU time',
}

async function measureStart(open: () => HelperSession): Promise<number> {
  const start = performance.now()
  const session = open()
  await session.call('hello')
  const startMs = performance.now() - start
  session.child.stdin.end()
  await session.ended
  return startMs
}

async function measureRound(session: HelperSession, open: () => HelperSession): Promise<Round> {
  const startMs = await measureStart(open)
  const ask = async <T>(method: string, schema: z.ZodType<T>) =>
    schema.parse((await session.call(method)).result)
  const before = (await ask('sample', sampled)).helper.cpuSeconds
  const start = performance.now()
  let after = before
  for (let n = 0; n < samplesOfRound; n += 1) after = (await ask('sample', sampled)).helper.cpuSeconds
  const sampleMs = (performance.now() - start) / samplesOfRound
  const { cost } = await ask('assess', assessed)
  const planStart = performance.now()
  const plan = await session.call('page-cache/plan')
  if (plan.error) throw new Error(`cannot plan a scrub: ${plan.error.message}`)
  const planMs = performance.now() - planStart
  session.answers.length = 0
  return {
    startMs,
    planMs,
    sampleMs,
    sampleCpuMs: ((after - before) * 1000) / samplesOfRound,
    assessMs: cost.wallSeconds * 1000,
    assessCpuMs: cost.cpuSeconds * 1000,
  }
}

const lab = await upFaultLab({ guests: [{}, {}], leavesKsm: true })
try {
  const folder = join(lab.program, '..')
  copyFileSync(older, join(folder, 'older-helper'))
  const open = (program: string) => {
    const enter = ['--target', String(lab.host.initPid), '--pid', '--mount', '--uts', program]
    return new HelperSession('nsenter', ['--read-only'], process.env, enter)
  }
  const programs = { older: join(folder, 'older-helper'), newer: lab.program }
  const sessions = { older: open(programs.older), newer: open(programs.newer) }
  const found: Record<keyof typeof sessions, Round[]> = { older: [], newer: [] }
  for (let round = 0; round < warmingRounds + rounds; round += 1) {
    const order = round % 2 === 0 ? (['older', 'newer'] as const) : (['newer', 'older'] as const)
    for (const which of order) {
      const measured = await measureRound(sessions[which], () => open(programs[which]))
      if (round >= warmingRounds) found[which].push(measured)
    }
  }
  console.log(
    `2 guests, ${rounds} rounds in turn of ${samplesOfRound} samples, a start, an assessment and a plan, after ${warmingRounds}; milliseconds each`,
  )
  for (const [figure, title] of Object.entries(figures) as [Figure, string][]) {
    const [old, now] = [found.older, found.newer].map((of) => medianOf(of.map((round) => round[figure]))) as [
      number,
      number,
    ]
    const ratio = medianOf(
      found.newer.map((round, index) => round[figure] / (found.older[index]?.[figure] ?? Number.NaN)),
    )
    console.log(
      `${title}: older ${old.toFixed(2)}, newer ${now.toFixed(2)}; median of the ratios ${ratio.toFixed(3)}`,
    )
  }
  for (const { child } of Object.values(sessions)) child.kill()
} finally {
  await lab.down()
}
