// Benchmark: experiments on a lab host over SSH, by the workbench: whether one finds the known gain of workload (b), and
// whether one that compares the kernel with itself finds nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type ShownExperiment, shownExperiment } from '../../../src/shared/contract/index.ts'
import { describeExperiment } from '../../../src/shared/text/experiment-lines.ts'
import { upLab, writeSshHome } from '../../beds/lab/lab.ts'
import { quiet } from '../../fakes/quiet.ts'
import { openWorkbench } from '../../open-workbench.ts'
import { askedParts } from '../only-parts.ts'
import type { BenchOptions, Measured, Section } from '../section.ts'
import { readAheadKiB } from '../suite/read-ahead.ts'
import { beginPairLoad, type PairLoadPlan, pairHost } from './pair-load.ts'
import { runExperiment } from './run-experiment.ts'

export const experimentSection: Section = { name: 'experiment', title: '11. Experiments', measure }

const questions = { gain: ['off', 'adaptive'], same: ['off', 'off'] } as const
type QuestionName = keyof typeof questions
const questionNames = Object.keys(questions) as QuestionName[]
const headings: Readonly<Record<QuestionName, string>> = {
  gain: 'The known gain of workload (b): the kernel alone against adaptive',
  same: 'A/A: the kernel alone against itself',
}

/** As workload (b) of the consolidation suite, but for how its reader reads. */
const load: PairLoadPlan = {
  streamMiB: 512,
  readMiB: 240,
  readKiB: 32,
  ramMiB: 192,
  limitMiB: 980,
  readIops: 1500,
}
/**
 * Adaptive starts anew in each phase, and looks on for some seconds before it evicts. The reader then needs ten or so to fill
 * the room: what is measured comes after that.
 */
const phases = { phaseSeconds: 15, warmUpSeconds: 20 }
/** The kernel alone hits about a sixth: ratios of such hit ratios differ by more than those of larger ones. */
const marginRatio = 0.25
const host = 'lab-a'
const fewestPairs = 6

const kept = z.array(z.object({ question: z.enum(questionNames), shown: shownExperiment }))
type Kept = z.infer<typeof kept>

/** `rounds`: the pairs of each, 6 at least. `only`: gain, same; the other stays as the report has it. */
async function measure({ rounds, only, earlier, say, keep }: BenchOptions): Promise<Measured> {
  const asked = askedParts(only, questionNames)
  const before = earlier === undefined ? [] : kept.parse(earlier)
  let done: Kept = before.filter(({ question }) => !asked.includes(question))
  for (const question of asked) {
    const shown = await measureQuestion(question, Math.max(fewestPairs, rounds), say)
    done = [...done, { question, shown }]
    keep?.({ text: formatExperiments(done), raw: done })
  }
  return { text: formatExperiments(done), raw: done }
}

async function measureQuestion(
  question: QuestionName,
  pairs: number,
  say: BenchOptions['say'],
): Promise<ShownExperiment> {
  const lab = await upLab({ hosts: [pairHost(host, load)], readAheadKiB }, say)
  const home = mkdtempSync(join(tmpdir(), 'singleton-bench-'))
  try {
    writeSshHome(lab, home)
    const workbench = await openWorkbench(home)
    try {
      const { id } = await workbench.handlers['hosts/add']({ address: host }, quiet)
      await workbench.handlers['hosts/set-mode']({ hostId: id, mode: 'change' }, quiet)
      await workbench.handlers['hosts/connect']({ hostId: id }, quiet)
      const [labHost] = lab.hosts
      if (labHost === undefined) throw new Error('cannot measure: the lab has no host')
      const phaseSeconds = phases.phaseSeconds + phases.warmUpSeconds + 4
      await beginPairLoad(labHost, lab.dir, load, 3 * 2 * pairs * phaseSeconds)
      const order = {
        ...{ ...phases, pairs, metric: 'hit-ratio' as const, marginRatio, title: headings[question] },
        // Its guests read more than its memory limit lets the host keep: pressure is what it is about.
        guards: { policyGuards: false, pressureRatio: 1 },
      }
      const asked = { hostIds: [id], arms: questions[question], order }
      return await runExperiment(workbench, asked, quiet.signal, say)
    } finally {
      await workbench.close()
    }
  } finally {
    await lab.down({ keepImages: true })
    rmSync(home, { recursive: true, force: true })
  }
}

/** Pure. */
export function formatExperiments(all: Kept): string {
  const ordered = questionNames.flatMap((name) => all.filter(({ question }) => question === name))
  const intro = `Two guests of ${load.ramMiB} MiB on one lab host under a memory limit of ${load.limitMiB} MiB, storage of ${load.readIops} reads/s, its
readahead ${readAheadKiB} KiB: *reader* reads ${load.readMiB} MiB at random, ${load.readKiB} KiB at a time, *stream* reads ${load.streamMiB} MiB over and over at 100 MB/s, without an end. The
workbench runs the experiment over SSH, as the page and \`experiment run\` do; caches are left as they are between phases.
Phases of ${phases.phaseSeconds} s after ${phases.warmUpSeconds} s of warm-up.`
  return [intro, ...ordered.map(formatOne)].join('\n\n')
}

function formatOne({ question, shown }: Kept[number]): string {
  const command = `npm run bench -- experiment --only ${question} --rounds ${shown.plan.pairs}`
  return `### ${headings[question]}\n\n\`${command}\`:\n\n\`\`\`\n${describeExperiment(shown)}\n\`\`\``
}
