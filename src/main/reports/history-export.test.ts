import { expect, it } from 'vitest'
import { metricNames, type Series } from '../../shared/contract/index.ts'
import { historyCsv } from './history-export.ts'

it('has a column for each metric, a line for each instant, and nothing where nothing was reported', () => {
  const series: Series = {
    at: [0, 2000, 2001, 4000],
    metrics: { freeBytes: [1, 0, null, null], hitRatio: [null, 0.5, null, -0.25] },
    guestHitRatio: {},
    guestReadsPerSecond: { 'web, 1': [null, 12.5, null, 0] },
    guestReadLatencySeconds: {},
    guestIoPressureRatio: {},
    guestCpuRatio: {},
  }
  const [head, ...lines] = historyCsv(series).trimEnd().split('\r\n')
  expect(head?.split(',')).toEqual(['at', ...metricNames, '"guestReadsPerSecond web', ' 1"'])
  const read = (line: string) => {
    const values = line.split(',')
    return [
      values[0],
      values[1 + metricNames.indexOf('freeBytes')],
      values[1 + metricNames.indexOf('hitRatio')],
      values.at(-1),
    ]
  }
  expect(lines.map(read)).toEqual([
    ['1970-01-01T00:00:00.000Z', '1', '', ''],
    ['1970-01-01T00:00:02.000Z', '0', '0.5', '12.5'],
    ['1970-01-01T00:00:04.000Z', '', '-0.25', '0'],
  ])
})

it.each([
  ['the I/O pressure of guests whose control group tells it', 'guestIoPressureRatio'],
  ['the CPU of guests', 'guestCpuRatio'],
] as const)('has %s', (_, figure) => {
  const none = { guestHitRatio: {}, guestReadsPerSecond: {}, guestReadLatencySeconds: {} }
  const untold = { ...none, guestIoPressureRatio: {}, guestCpuRatio: {} }
  const told = { ...untold, [figure]: { web: [0.25, null] } }
  const csv = historyCsv({ at: [0, 2000], metrics: { freeBytes: [1, 2] }, ...told })
  const [head, first, second] = csv.trimEnd().split('\r\n')
  expect(head?.split(',').at(-1)).toBe(`${figure} web`)
  expect([first, second].map((line) => line?.split(',').at(-1))).toEqual(['0.25', ''])
})
