import { expect, it } from 'vitest'
import { formatWorkbench } from './workbench-report.ts'
import { keptResults, partsOf } from './workbench-results.ts'

const size = {
  firstPaintMs: [400, 500, 420],
  fleetShownMs: [700],
  assessmentShownMs: [180, 220, 200],
  scrollFramesPerSecond: 55,
  hoverFramesPerSecond: 51,
  mainCpuRatio: 0.04,
}

it('keeps parts of the report that are not measured again, and drops results of an older form', () => {
  const earlier = { historyBytesPerHost: 3e7, sizes: { 100: size } }
  expect(keptResults(JSON.parse(JSON.stringify(earlier)))).toEqual(earlier)
  expect(keptResults([{ hosts: 100 }])).toEqual({ sizes: {} })
  expect(partsOf({ only: ['memory'] })).toEqual(['memory'])
  expect(() => partsOf({ only: ['flat'] })).toThrow('100, 500, memory')
})

it('says of each part what was measured, or that it was not', () => {
  const text = formatWorkbench({ historyBytesPerHost: 3.25e7, sizes: { 100: size } })
  expect(text).toContain('| assessment of 60 guests opened | 200 ms | not measured | under 300 ms |')
  expect(text).toContain('**32.5 MB**')
  expect(text).toContain('Memory of main with 100 hosts: not measured')
})
