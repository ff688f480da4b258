import { describe, expect, it } from 'vitest'
import { metricTitle } from '../figures/metric-title.ts'
import { gaugeNames, metricNames, metrics, sampledGaugeValues, sumNames } from './metrics.ts'

describe('the table of metrics', () => {
  it('names each unit in the name', () => {
    const endings = {
      bytes: /Bytes$/,
      pages: /^pages/,
      ratio: /Ratio$/,
      seconds: /Seconds$/,
      perSecond: /PerSecond$/,
    }
    for (const name of metricNames) expect(name).toMatch(endings[metrics[name].unit])
  })

  it('says of each what it is, where it comes from and how far off it may be', () => {
    for (const name of metricNames) {
      expect(metrics[name].label).toMatch(/^\S.{2,30}$/)
      expect(metrics[name].source).toMatch(/\.$/)
      expect(metrics[name].error).toMatch(/^\S.{15,}\.$/)
    }
  })

  it('has a title of its own for each, which lists and menus show', () => {
    expect(new Set(metricNames.map(metricTitle)).size).toBe(metricNames.length)
  })

  it('gives gauges and counters columns of their own', () => {
    const columns = [...gaugeNames, ...sumNames]
    expect(new Set(columns).size).toBe(columns.length)
    expect(sumNames.toSorted()).toEqual([
      'askedBytes',
      'diskReadSeconds',
      'diskReads',
      'fetchedBytes',
      'guestCpuSeconds',
      'guestReadSeconds',
      'guestReads',
      'helperCpuSeconds',
      'hostCpuSeconds',
      'hugePageSplits',
      'ksmdCpuSeconds',
      'mergeBreaks',
      'seconds',
      'timedGuestReads',
    ])
  })

  it.each([
    [{ dirtyBytes: 0 }, true],
    [{}, true],
    [{ dirtyBytes: -1 }, false],
    [{ dirtyBytes: 1.5 }, false],
    [{ dirtyBytes: Number.NaN }, false],
  ])('takes %j of a helper: %j', (gauges, good) => {
    expect(sampledGaugeValues.safeParse(gauges).success).toBe(good)
  })
})
