import { describe, expect, it } from 'vitest'
import { parseKsmArgs } from './parse-ksm-args.ts'

describe('parseKsmArgs', () => {
  it.each([
    [['status', '--json'], { act: 'status', params: {}, json: true }],
    [
      ['start', '--pages-to-scan', '4000', '--sleep-ms', '20'],
      { act: 'start', params: { pagesToScan: 4000, sleepMillisecs: 20 }, json: false },
    ],
    [['start', '--take-over'], { act: 'start', params: { takeOver: true }, json: false }],
    [['merge', 'web', 'off'], { act: 'merge', params: { guest: 'web', merge: false }, json: false }],
    [['merge', '4711', 'on'], { act: 'merge', params: { guest: 4711, merge: true }, json: false }],
  ])('parses %j', (args, command) => {
    expect(parseKsmArgs([...args])).toEqual(command)
  })

  it.each([
    [[], 'expected one of'],
    [['status', 'now'], 'expected one of'],
    [['stop', '--take-over'], 'belong to ksm start'],
    [['start', '--pages-to-scan', 'many'], 'pagesToScan'],
    [['merge', 'web'], 'on or off'],
    [['merge', 'web', 'maybe'], 'on or off'],
    [['merge', 'web', 'on', '--take-over'], 'on or off'],
    [['start', '--fast'], '--fast'],
  ])('refuses %j', (args, reason) => {
    expect(() => parseKsmArgs([...args])).toThrow(reason)
  })
})
