import { describe, expect, it } from 'vitest'
import { fakeExperiment, fakeHost, fakePlan } from '../../../test/fakes/fake-experiment.ts'
import { shownExperiment } from '../../shared/contract/index.ts'
import { createRandom } from '../../shared/statistics/random.ts'
import { analyzeExperiment, judgeExperiment } from './analyze.ts'
import { guestValue } from './metric-values.ts'
import { orderOfPairs } from './schedule.ts'
import { rankInterval } from './statistics/signed-rank.ts'
import { judgeInterval } from './verdict.ts'

const pairsOf = (count: number, of: (pair: number) => readonly [number, number]) =>
  Array.from({ length: count }, (_, pair) => of(pair))
const wobble = (pair: number) => 1 + ((pair * 7) % 5) / 100

describe('an analysis', () => {
  it('finds twice the reads better, and says so with its interval', () => {
    const host = fakeHost({ web: pairsOf(10, (pair) => [100, 200 * wobble(pair)]) })
    const { verdict, fleet, hosts } = analyzeExperiment(fakeExperiment(fakePlan(), [host]))
    expect(verdict.kind).toBe('better')
    expect(verdict.sentence).toMatch(
      /^adaptive is better than off: reads\/s 100\/s → \d+\/s, 2\.0\dx \(95 % interval/,
    )
    expect(fleet[0]?.estimate).toMatchObject({ pairs: 10, effectSize: 1, pValue: 2 / 1024 })
    expect(hosts[0]?.guests.map(({ name }) => name)).toEqual(['web'])
  })

  it('finds half the reads worse', () => {
    const host = fakeHost({ web: pairsOf(10, (pair) => [100 * wobble(pair), 50]) })
    expect(analyzeExperiment(fakeExperiment(fakePlan(), [host])).verdict.kind).toBe('worse')
  })

  it('says of a difference that is sure and small that it does not matter', () => {
    const host = fakeHost({ web: pairsOf(10, (pair) => [100_000, 100_100 + pair]) })
    const { verdict } = analyzeExperiment(fakeExperiment(fakePlan(), [host]))
    expect(verdict.kind).toBe('better')
    expect(verdict.sentence).toMatch(
      /1\.00x \(95 % interval 1\.0010\dx to 1\.0010\dx, 10 pairs\)\. The whole interval lies within the margin of 10 %\.$/,
    )
  })

  it('finds less latency better, since less is more there', () => {
    const plan = fakePlan({ metric: 'read-latency' })
    expect(judgeInterval({ interval: { low: 0.4, high: 0.6, coverage: 0.95 } }, plan)).toBe('better')
    expect(judgeInterval({ interval: { low: 1.1, high: 1.6, coverage: 0.95 } }, plan)).toBe('worse')
  })

  it.each([
    [0.96, 1.03, 'no-difference'],
    [0.92, 1.03, 'no-difference'],
    [0.96, 1.1, 'no-difference'],
    [1 / 1.1, 1.03, 'no-difference'],
    [0.9, 1.03, 'not-enough'],
    [0.99, 1.11, 'not-enough'],
  ] as const)('with an interval of %d to %d says %s', (low, high, kind) => {
    expect(judgeInterval({ interval: { low, high, coverage: 0.95 } }, fakePlan())).toBe(kind)
  })

  it('names the largest difference that is not excluded', () => {
    const host = fakeHost({ web: pairsOf(12, (pair) => [100, pair % 2 === 0 ? 103 : 98]) })
    const { verdict } = analyzeExperiment(fakeExperiment(fakePlan({ pairs: 12 }), [host]))
    expect(verdict.sentence).toMatch(/^No difference larger than 3 % between off and adaptive/)
  })

  it.each([
    ['both ways', [110, 100], [100, 110], /^No difference larger than 10 % between/],
    ['one way', [100, 101], [100, 110], /pairs\)\. The whole interval lies within the margin of 10 %\.$/],
    ['beyond it', [100, 101], [100, 110.1], /^adaptive is better than off: .* pairs\)\.$/],
  ] as const)('counts an interval that ends at its margin as within it: %s', (_, rare, usual, said) => {
    const host = fakeHost({ web: pairsOf(12, (pair) => (pair % 2 === 0 ? rare : usual)) })
    expect(analyzeExperiment(fakeExperiment(fakePlan({ pairs: 12 }), [host])).verdict.sentence).toMatch(said)
  })

  it('leaves out what no host can measure, so that its document stays valid', () => {
    const sane = pairsOf(10, (pair) => [100, 200 * wobble(pair)] as const)
    const mad = pairsOf(10, (pair) => (pair % 2 === 0 ? ([1e15, 1] as const) : ([100, 9e300] as const)))
    const experiment = fakeExperiment(fakePlan(), [fakeHost({ web: sane }), fakeHost({ web: mad }, 'h2')])
    const result = analyzeExperiment(experiment)
    expect(result.verdict.kind).toBe('better')
    expect(result.hosts[1]?.comparisons.find(({ metric }) => metric === 'reads-per-second')).toBeUndefined()
    expect(() => shownExperiment.shape.result.parse(JSON.parse(JSON.stringify(result)))).not.toThrow()
  })

  it('names hosts that were given up, and says where it is not known whether all was put back', () => {
    const host = fakeHost({ web: pairsOf(10, () => [100, 200]) })
    const detail = 'the connection was reset'
    const lost = { ...fakeHost({ db: [[1, 2]] }, 'h2'), state: 'unconfirmed' as const, detail }
    const many = Array.from({ length: 25 }, (_, at) => ({
      ...lost,
      hostId: `r${at}`,
      state: 'refused' as const,
    }))
    const { caveats } = analyzeExperiment(fakeExperiment(fakePlan(), [host, lost]))
    expect(caveats).toContain(
      'host h2: the connection was reset. Whether everything was put back there could not be confirmed.',
    )
    const { caveats: ofMany } = analyzeExperiment(fakeExperiment(fakePlan(), [host, ...many]))
    expect(ofMany.filter((line) => line.includes('given up'))).toHaveLength(21)
    expect(ofMany).toContain('5 more hosts were given up or could not be confirmed.')
  })

  it('never tells by fewer than 6 pairs', () => {
    const host = fakeHost({ web: pairsOf(5, () => [100, 1000]) })
    expect(analyzeExperiment(fakeExperiment(fakePlan(), [host])).verdict).toMatchObject({
      kind: 'not-enough',
      sentence: 'Not enough to tell: 5 of 10 pairs are valid, and it takes at least 6 for an interval.',
    })
  })

  it('takes the geometric mean of guests, and leaves out those that read too little', () => {
    const host = fakeHost({
      web: pairsOf(6, () => [100, 400]),
      db: pairsOf(6, () => [100, 100]),
      idle: pairsOf(6, () => [0.001, 5]),
    })
    const { fleet, hosts } = analyzeExperiment(fakeExperiment(fakePlan({ pairs: 6 }), [host]))
    expect(fleet[0]?.estimate.ratio).toBeCloseTo(2, 9)
    expect(hosts[0]?.guests.find(({ name }) => name === 'idle')?.comparisons).toEqual([])
  })

  it('is not carried away by a guest that hits next to nothing', () => {
    const reads = (hit: number) => ({
      reads: 1000,
      askedBytes: 4096_000,
      fetchedBytes: Math.round(4096_000 * (1 - hit)),
    })
    const host = fakeHost({ web: pairsOf(6, () => [1, 1]), stream: pairsOf(6, () => [1, 1]) })
    const hits = [
      [0.9, 0.0],
      [0.93, 0.03],
    ] as const
    const phases = host.phases.map((phase) => ({
      ...phase,
      figures: {
        seconds: 10,
        guests: ['web', 'stream'].map((name, at) => ({ name, ...reads(hits[phase.arm][at] ?? 0) })),
      },
    }))
    const plan = fakePlan({ pairs: 6, metric: 'hit-ratio' })
    const { fleet } = analyzeExperiment(fakeExperiment(plan, [{ ...host, phases }]))
    expect(fleet[0]?.estimate.ratio).toBeCloseTo(0.96 / 0.9, 2)
  })

  it('takes the geometric mean of hosts, with a bootstrap over them', () => {
    const hosts = [1, 2, 3, 4].map((gain, index) =>
      fakeHost({ web: pairsOf(8, () => [100, 100 * gain]) }, `h${index}`),
    )
    const shown = analyzeExperiment(fakeExperiment(fakePlan({ pairs: 8 }), hosts))
    expect(shown.overHosts?.hosts).toBe(4)
    expect(shown.overHosts?.ratio).toBeCloseTo(24 ** 0.25, 9)
    expect(shown.overHosts?.interval?.low).toBeGreaterThan(1)
    expect(shown.overHosts?.interval?.high).toBeLessThan(4)
  })

  it('is a document of the contract', () => {
    const experiment = fakeExperiment(fakePlan(), [
      fakeHost({ web: pairsOf(10, (pair) => [100, 100 * wobble(pair)]) }),
    ])
    expect(() =>
      shownExperiment.parse({ ...experiment, result: analyzeExperiment(experiment) }),
    ).not.toThrow()
  })

  it('has a hit ratio for a phase that hit nothing, and cuts readahead off', () => {
    const of = (askedBytes: number, fetchedBytes: number) =>
      guestValue('hit-ratio', { name: 'web', askedBytes, fetchedBytes }, { seconds: 1 })
    expect(of(4096 * 999, 4096 * 999)).toBe(0.0001)
    expect(of(4096 * 999, 4096 * 5000)).toBe(0.0001)
    expect(of(4096 * 999, 0)).toBe(0.9999)
    expect(of(0, 0)).toBeUndefined()
  })

  it('finds no difference between phases that hit nothing, however much they read', () => {
    const host = fakeHost({ web: pairsOf(10, () => [1, 1]) })
    const phases = host.phases.map((phase) => {
      const bytes = 4096_000 * (phase.arm === 0 ? 1 : 3)
      const guests = [{ name: 'web', reads: bytes / 4096, askedBytes: bytes, fetchedBytes: bytes }]
      return { ...phase, figures: { seconds: 10, guests } }
    })
    const plan = fakePlan({ metric: 'hit-ratio' })
    const { verdict } = analyzeExperiment(fakeExperiment(plan, [{ ...host, phases }]))
    expect(verdict.kind).toBe('no-difference')
  })
})

/** Ratios of pairs whose noise has the given shape, around a true ratio. */
type Noise = (normal: () => number) => number
const noises: Readonly<Record<string, Noise>> = {
  even: (normal) => 0.25 * normal(),
  // A phase in twenty meets something else altogether.
  'with outliers': (normal) => (normal() > 1.64 ? 1.5 : 0.15) * normal(),
  // Each phase is skewed; their difference is not.
  'of skewed phases': (normal) => 0.3 * (Math.exp(normal()) - Math.exp(normal())),
}
const runs = 10_000

function simulate(noise: Noise, pairs: number, effect: number) {
  const random = createRandom(pairs)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  let [covered, told] = [0, 0]
  const logs = new Array<number>(pairs)
  for (let run = 0; run < runs; run += 1) {
    for (let pair = 0; pair < pairs; pair += 1) logs[pair] = effect + noise(normal)
    const found = rankInterval(logs)
    if (found === undefined) continue
    if (found.low <= effect && effect <= found.high) covered += 1
    const interval = { low: Math.exp(found.low), high: Math.exp(found.high), coverage: found.coverage }
    const kind = judgeInterval({ interval }, { metric: 'reads-per-second', marginRatio: 0.1 })
    if (kind === 'better' || kind === 'worse') told += 1
  }
  return { coverage: covered / runs, told: told / runs }
}

describe.each(Object.entries(noises))('10,000 simulated experiments with noise %s', (_, noise) => {
  it.each([6, 8, 10, 14, 20])(
    'of %d pairs without an effect are called better or worse in at most 6 %%',
    (pairs) => {
      expect(simulate(noise, pairs, 0).told).toBeLessThanOrEqual(0.06)
    },
  )

  it.each([
    [6, 0.3],
    [8, 0.2],
    [12, -0.4],
    [20, 0.1],
  ])('of %d pairs with an effect cover it in 93 to 97 %%', (pairs, effect) => {
    const { coverage } = simulate(noise, pairs, effect)
    expect(coverage).toBeGreaterThanOrEqual(0.93)
    expect(coverage).toBeLessThanOrEqual(0.97)
  })
})

describe('10,000 simulated experiments from their phases on', () => {
  it('whose load drifts and whose arms are alike are called better or worse in at most 6 %', () => {
    const random = createRandom(99)
    const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
    const pairs = 12
    const plan = fakePlan({ pairs })
    let told = 0
    for (let run = 0; run < runs; run += 1) {
      // It doubles over the experiment, and what disturbs a phase lasts into the next.
      let lasting = 0
      const values = orderOfPairs(run, 0, pairs).map((first, pair) => {
        const inOrder = [0, 1].map((half) => {
          lasting = 0.5 * lasting + 0.2 * normal()
          return 1000 * Math.exp((Math.LN2 * (2 * pair + half)) / (2 * pairs) + lasting)
        })
        return [inOrder[first] ?? 0, inOrder[1 - first] ?? 0] as const
      })
      const { kind } = judgeExperiment(fakeExperiment(plan, [fakeHost({ web: values })]))
      if (kind === 'better' || kind === 'worse') told += 1
    }
    expect(told / runs).toBeLessThanOrEqual(0.06)
  })
})
