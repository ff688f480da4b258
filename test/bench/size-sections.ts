// The benchmarks of the large and the real lab as parts of the report: figures that small guests hide.
import { z } from 'zod'
import { hasKsmtuned } from '../beds/lab/ksmtuned.ts'
import type { GuestOptions } from '../beds/lab/lab.ts'
import { realGuests } from '../beds/lab/real-guest.ts'
import { largeGuests } from '../beds/lab/stand-in-guest.ts'
import { type BenchLab, upBenchLab } from './bench-lab.ts'
import { type KsmContender, ksmtuned, ours, stock } from './ksm-contenders.ts'
import type { BenchOptions, Measured, Section } from './section.ts'
import { formatSizeKsm, runSizeTrial, type SizeTrial, sizeTrial, type TrialEnd } from './size-ksm.ts'
import { type AssessRound, assessRound, formatAssess, measureAssess } from './size-snapshot.ts'

export const largeSection: Section = {
  name: 'large',
  title: '5. Large guests',
  measure: (options) => measure('large', largeGuests(), 'Four stand-ins of 3000 MiB in huge pages', options),
}

export const realSection: Section = {
  name: 'real',
  title: '6. Debian guests',
  measure: (options) =>
    measure(
      'real',
      realGuests(2),
      'Two Debian guests of 1 GiB, one on a raw image, one on an overlay',
      options,
    ),
}

export interface SizeResults {
  readonly assessed: readonly AssessRound[]
  readonly trials: readonly SizeTrial[]
}

const sizeResults = z.object({ assessed: z.array(assessRound), trials: z.array(sizeTrial) })

/** Stock needs hours for gigabytes: what it has reached by then is the figure. */
function endOf(contender: KsmContender): TrialEnd {
  return contender === ours
    ? { timeoutSeconds: 900, endsByItself: true }
    : { timeoutSeconds: 180, endsByItself: false }
}

/** `only`: parts of `assess`, `ours`, `ksmtuned`, `stock`; each has guests of its own, so the others may stay as they were. */
async function measure(
  name: string,
  guests: readonly GuestOptions[],
  description: string,
  options: BenchOptions,
): Promise<Measured> {
  const { rounds, only, say, keep } = options
  const isAsked = (part: string) => only?.includes(part) ?? true
  let results = keptResults(options)
  const measured = (): Measured => ({ text: format(name, description, results), raw: results })
  if (isAsked('assess')) {
    const assessed = await withFreshLab(guests, say, (lab) => measureAssess(lab, rounds, say))
    results = { ...results, assessed: [...results.assessed, ...assessed] }
    keep?.(measured())
  }
  const contenders = [ours, ...(hasKsmtuned() ? [ksmtuned] : []), stock]
  for (let round = 0; round < rounds; round += 1)
    for (const contender of contenders.filter((one) => isAsked(one.name))) {
      // Merging splits huge pages, and unmerging does not bring them back: each trial has guests of its own.
      const trial = await withFreshLab(guests, say, (lab) => runSizeTrial(lab, contender, endOf(contender)))
      results = { ...results, trials: [...results.trials, compact(trial)] }
      say(`${contender.name}: ${trial.points.at(-1)?.freedPages} pages freed`)
      keep?.(measured())
    }
  return measured()
}

/** Of the parts that are not measured now, or that are added to. */
export function keptResults({
  earlier,
  adds,
  only,
}: Pick<BenchOptions, 'earlier' | 'adds' | 'only'>): SizeResults {
  if (earlier === undefined) return { assessed: [], trials: [] }
  const { assessed, trials } = sizeResults.parse(earlier)
  const stays = (part: string) => adds === true || !(only?.includes(part) ?? true)
  return {
    assessed: stays('assess') ? assessed : [],
    trials: trials.filter(({ contender }) => stays(contender)),
  }
}

function format(name: string, description: string, { assessed, trials }: SizeResults): string {
  return [
    `${description}, no other guests. ${describeSittings(name, { assessed, trials })}\n`,
    assessed.length > 0 ? formatAssess(assessed) : '',
    trials.length > 0 ? formatSizeKsm(trials) : '',
  ].join('')
}

/** The commands that measure all that the section shows. */
function describeSittings(name: string, { assessed, trials }: SizeResults): string {
  const parts = new Map<string, number>(assessed.length > 0 ? [['assess', assessed.length]] : [])
  for (const { contender } of trials) parts.set(contender, (parts.get(contender) ?? 0) + 1)
  const commands = [...parts].map(
    ([part, rounds]) => `\`npm run bench -- ${name} --only ${part} --rounds ${rounds}\``,
  )
  return `Each part stands alone:\n${commands.join(',\n')}.`
}

async function withFreshLab<T>(
  guests: readonly GuestOptions[],
  say: (line: string) => void,
  work: (lab: BenchLab) => Promise<T>,
): Promise<T> {
  const lab = await upBenchLab({ hosts: [{ guests }] }, say)
  try {
    return await work(lab)
  } finally {
    await lab.down({ keepImages: true })
  }
}

/** Some forty points are enough for the record. */
function compact({ points, ...trial }: SizeTrial): SizeTrial {
  const step = Math.max(1, Math.ceil(points.length / 40))
  return { ...trial, points: points.filter((_, index) => index % step === 0 || index === points.length - 1) }
}
