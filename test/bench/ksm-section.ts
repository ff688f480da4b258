// Benchmark 3 as a part of the report.

import { medianOf } from '../../src/shared/statistics/median.ts'
import { hasKsmtuned } from '../beds/lab/ksmtuned.ts'
import { upBenchLab } from './bench-lab.ts'
import { freedPages, type KsmPoint, type KsmTrial, measureKsm } from './ksm.ts'
import { advisor, ksmtuned, ours, stock } from './ksm-contenders.ts'
import type { BenchOptions, Measured, Section } from './section.ts'

export const ksmSection: Section = { name: 'ksm', title: '3. KSM', measure }

async function measure({ rounds, only, say }: BenchOptions): Promise<Measured> {
  const present = [ours, stock, ...(hasKsmtuned() ? [ksmtuned] : []), advisor]
  const contenders = present.filter(({ name }) => only?.includes(name) ?? true)
  const lab = await upBenchLab({ hosts: [{ guests: [{ ramMiB }, { ramMiB }] }], ownMiB: 48 }, say)
  try {
    const trials = await measureKsm(lab, contenders, { rounds, warmUp: ours, timeoutSeconds: 120, say })
    return { text: formatKsm(trials), raw: trials.map(compact) }
  } finally {
    await lab.down()
  }
}

/** Small, since stock takes its time. */
const ramMiB = 224

const marks = [1, 2, 5, 10, 30, 60]

/** Medians of each contender's trials. */
export function formatKsm(trials: readonly KsmTrial[]): string {
  const names = [...new Set(trials.map(({ contender }) => contender))]
  const of = (name: string) => trials.filter(({ contender }) => contender === name)
  const rows = names.map((name) => formatContender(name, of(name)))
  const shares = names.map((name) => formatShares(name, of(name)))
  const compared = names.map((name) => formatCompared(name, of(name)))
  const potentialMiB = medianOf(trials.map(({ potentialPages }) => (potentialPages * 4096) / 2 ** 20))
  return `
Two guests of ${ramMiB} MiB, the same for all: each contender in turn, all pages unmerged and the kernel's defaults put back in
between, after one merge that does not count. The potential is what \`singleton-helper assess\` calls mergeable just before: ${potentialMiB.toFixed(0)} MiB.
Freed is what \`pages_sharing\` gains and the guests' Rss loses: zero pages of split huge pages are in no counter of KSM
(\`docs/ksm.md\`).
Medians of ${of(names[0] ?? '').length}. *ours*: \`singleton-helper govern\` with its defaults, from the start of its process, so with its
first measurement. *stock*: 100 pages, 20 ms. *ksmtuned*: Debian's script, told that memory is short and woken at
once; as it is, it waits 60 s and then does nothing while a fifth of the memory is free. *advisor*: scan-time with
the kernel's defaults, one trial of at most 120 s: once it knows how long a pass takes it aims at 200 s for one. CPU is ksmd's, by the scheduler.
Trials that did not reach 90 % count as the slowest; CPU until then is of those that did. Reached by ${reached(of)}.

| | 90 % of the potential after | of stock's time | ksmd CPU until then | freed pages per CPU second then | at the plateau: share | left to merge | ksmd CPU | freed pages per CPU second |
|---|---|---|---|---|---|---|---|---|
${rows.map(({ speed }) => speed(median90(of('stock')))).join('\n')}

Goals: ours at 90 % in at most 1/10 of stock's time, at no more ksmd CPU per freed page than the best of the others.

| share of the potential after | ${marks.map((mark) => `${mark} s`).join(' | ')} |
|---|${marks.map(() => '---|').join('')}
${shares.join('\n')}

| pages in the unstable tree / not compared, after | ${marks.map((mark) => `${mark} s`).join(' | ')} |
|---|${marks.map(() => '---|').join('')}
${compared.join('\n')}

| with nothing left to merge and guests idle, of one core | ksmd | helper | measured for |
|---|---|---|---|
${rows.map(({ steady }) => steady).join('\n')}

Goal: ours below 2 % for helper and ksmd together.
`
}

function reached(of: (name: string) => readonly KsmTrial[]): string {
  const ours = of('ours')
  return `ours in ${ours.filter(({ at90 }) => at90 !== undefined).length} of ${ours.length} trials`
}

function median90(trials: readonly KsmTrial[]): number {
  return medianOf(trials.map(({ at90 }) => at90?.seconds ?? Number.POSITIVE_INFINITY))
}

function formatContender(name: string, trials: readonly KsmTrial[]) {
  const at = (pick: (trial: KsmTrial) => number | undefined) =>
    medianOf(trials.flatMap((trial) => pick(trial) ?? []))
  const perSecond = (point: KsmPoint | undefined) =>
    point === undefined ? undefined : freedPages(point) / point.ksmdCpuSeconds
  const seconds = median90(trials)
  const speed = (stockSeconds: number) =>
    `| ${[
      name,
      show(seconds, 1, 's'),
      Number.isFinite(seconds / stockSeconds) ? `1/${(stockSeconds / seconds).toFixed(1)}` : 'not measured',
      show(
        at(({ at90 }) => at90?.ksmdCpuSeconds),
        2,
        's',
      ),
      show(
        at(({ at90 }) => perSecond(at90)),
        0,
      ),
      show(100 * at(({ end, potentialPages }) => freedPages(end) / potentialPages), 1, '%'),
      show(100 * at(({ leftPages, potentialPages }) => leftPages / potentialPages), 1, '%'),
      show(
        at(({ end }) => end.ksmdCpuSeconds),
        2,
        's',
      ),
      show(
        at(({ end }) => perSecond(end)),
        0,
      ),
    ].join(' | ')} |`
  const watched = trials.find(({ steady }) => steady.seconds > 0)?.steady
  const steady = `| ${name} | ${show(100 * (watched?.ksmdRatio ?? Number.NaN), 2, '%')} | ${show(100 * (watched?.helperRatio ?? Number.NaN), 2, '%')} | ${show(watched?.seconds ?? Number.NaN, 0, 's')} |`
  return { speed, steady }
}

/** A trial that has ended keeps the share of its end. */
function formatShares(name: string, trials: readonly KsmTrial[]): string {
  const shareAt = ({ points, end, potentialPages }: KsmTrial, mark: number) => {
    const last = points.findLast(({ seconds }) => seconds <= mark) ?? { mergedPages: 0, splitPages: 0 }
    return freedPages(end.seconds <= mark ? end : last) / potentialPages
  }
  const cells = marks.map((mark) => show(100 * medianOf(trials.map((trial) => shareAt(trial, mark))), 0, '%'))
  return `| ${name} | ${cells.join(' | ')} |`
}

/** `pages_unshared` and `pages_volatile`; a trial that has ended keeps those of its end. */
function formatCompared(name: string, trials: readonly KsmTrial[]): string {
  const pointAt = ({ points, end }: KsmTrial, mark: number) =>
    end.seconds <= mark ? end : points.findLast(({ seconds }) => seconds <= mark)
  const cells = marks.map((mark) => {
    const seen = trials.flatMap((trial) => pointAt(trial, mark) ?? [])
    const pages = (pick: (point: KsmPoint) => number) =>
      seen.length === 0 ? Number.NaN : medianOf(seen.map(pick))
    return `${show(
      pages(({ unsharedPages }) => unsharedPages),
      0,
    )} / ${show(
      pages(({ volatilePages }) => volatilePages),
      0,
    )}`
  })
  return `| ${name} | ${cells.join(' | ')} |`
}

function show(value: number, digits: number, unit = ''): string {
  if (!Number.isFinite(value)) return 'not reached'
  return `${value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })} ${unit}`.trim()
}

/** A point a second or so is enough for the record. */
function compact({ points, ...trial }: KsmTrial) {
  const step = Math.max(1, Math.ceil(points.length / 40))
  const kept = points.filter((_, index) => index % step === 0)
  return {
    ...trial,
    points: kept.map(({ seconds, mergedPages, splitPages, ksmdCpuSeconds, unsharedPages, volatilePages }) => [
      Number(seconds.toFixed(2)),
      mergedPages,
      splitPages,
      Number(ksmdCpuSeconds.toFixed(3)),
      unsharedPages,
      volatilePages,
    ]),
  }
}
