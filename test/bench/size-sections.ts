// The benchmarks of the large and the real lab as parts of the report: figures that small guests hide.
import { hasKsmtuned } from '../beds/lab/ksmtuned.ts'
import type { GuestOptions } from '../beds/lab/lab.ts'
import { realGuests } from '../beds/lab/real-guest.ts'
import { largeGuests } from '../beds/lab/stand-in-guest.ts'
import { type BenchLab, upBenchLab } from './bench-lab.ts'
import { type KsmContender, ksmtuned, ours, stock } from './ksm-contenders.ts'
import type { BenchOptions, Measured, Section } from './section.ts'
import { formatSizeKsm, runSizeTrial, type SizeTrial, type TrialEnd } from './size-ksm.ts'
import { formatAssess, measureAssess } from './size-snapshot.ts'

export const largeSection: Section = {
  name: 'large',
  title: '5. Large guests',
  measure: (options) => measure(largeGuests(), 'Four stand-ins of 3000 MiB in huge pages', options),
}

export const realSection: Section = {
  name: 'real',
  title: '6. Debian guests',
  measure: (options) =>
    measure(realGuests(2), 'Two Debian guests of 1 GiB, one on a raw image, one on an overlay', options),
}

/** Stock needs hours for gigabytes: what it has reached by then is the figure. */
function endOf(contender: KsmContender): TrialEnd {
  return contender === ours
    ? { timeoutSeconds: 900, endsByItself: true }
    : { timeoutSeconds: 180, endsByItself: false }
}

/** `only`: parts of `assess`, `ours`, `ksmtuned`, `stock`. */
async function measure(
  guests: readonly GuestOptions[],
  description: string,
  { rounds, only, say }: BenchOptions,
): Promise<Measured> {
  const isAsked = (part: string) => only?.includes(part) ?? true
  const assessed = isAsked('assess')
    ? await withFreshLab(guests, say, (lab) => measureAssess(lab, rounds, say))
    : []
  const contenders = [ours, ...(hasKsmtuned() ? [ksmtuned] : []), stock]
  const trials: SizeTrial[] = []
  for (let round = 0; round < rounds; round += 1)
    for (const contender of contenders.filter(({ name }) => isAsked(name))) {
      // Merging splits huge pages, and unmerging does not bring them back: each trial has guests of its own.
      const trial = await withFreshLab(guests, say, (lab) => runSizeTrial(lab, contender, endOf(contender)))
      trials.push(trial)
      say(`${contender.name}: ${trial.points.at(-1)?.freedPages} pages freed`)
    }
  const parts = [
    assessed.length > 0 ? formatAssess(assessed) : '',
    trials.length > 0 ? formatSizeKsm(trials) : '',
  ]
  return {
    text: `${description}, nothing else on the machine.\n${parts.join('')}`,
    raw: { assessed, trials: trials.map(compact) },
  }
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
function compact({ points, ...trial }: SizeTrial) {
  const step = Math.max(1, Math.ceil(points.length / 40))
  return { ...trial, points: points.filter((_, index) => index % step === 0 || index === points.length - 1) }
}
