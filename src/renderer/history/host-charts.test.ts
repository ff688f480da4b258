// What is sampled is shown: a figure that travels every two seconds and stands nowhere is none.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { sampledGauges } from '../../shared/contract/gauges.ts'
import { metrics } from '../../shared/contract/metrics.ts'
import { hostCharts } from './host-charts.ts'

const renderer = dirname(import.meta.dirname)
const charts = Object.entries(hostCharts)

it('draws every gauge that the helper samples', () => {
  const drawn = new Set<string>(charts.flatMap(([, chart]) => chart.metrics))
  expect(Object.keys(sampledGauges).filter((name) => !drawn.has(name))).toEqual([])
})

it('has every chart on some page', () => {
  const pages = globSync('**/*.tsx', { cwd: renderer }).map((path) =>
    readFileSync(join(renderer, path), 'utf8'),
  )
  const lists = pages.flatMap((text) =>
    [...text.matchAll(/charts=\{\[([^\]]*)\]\}/g)].map(([, list = '']) => list),
  )
  const placed = new Set(lists.join().match(/\w+/g))
  expect(charts.map(([id]) => id).filter((id) => !placed.has(id))).toEqual([])
})

it('draws metrics of one unit on one chart', () => {
  const mixed = charts.filter(([, chart]) => chart.metrics.some((name) => metrics[name].unit !== chart.unit))
  expect(mixed.map(([id]) => id)).toEqual([])
})
