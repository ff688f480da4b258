import { describe, expect, it } from 'vitest'
import { parseScanCommand, parseScrubCommand, UsageError } from './parse-command.ts'

describe('the command line', () => {
  it('of scrub takes several images', () => {
    expect(parseScrubCommand(['--dry-run', '--image', '/a', '--image=/b', '--json'])).toEqual({
      json: true,
      dryRun: true,
      params: { images: ['/a', '/b'] },
    })
  })

  it.each([['--image', ''], ['--image'], ['--bogus'], ['stray']])('of scrub refuses %j', (...args) => {
    expect(() => parseScrubCommand(args)).toThrow(UsageError)
  })

  it('of assess is text by default', () => {
    expect(parseScanCommand([])).toEqual({ json: false })
  })

  it('takes a CPU budget in percent of a core', () => {
    expect(parseScanCommand(['--cpu-percent', '20'])).toEqual({ json: false, cpuRatio: 0.2 })
  })

  it('takes one thread or two', () => {
    expect(parseScanCommand(['--threads', '2'])).toEqual({ json: false, threads: 2 })
    expect(() => parseScanCommand(['--threads', '3'])).toThrow(UsageError)
  })

  it.each(['0', '101', '-5', 'much', '', '0x10', ' 5'])('refuses a CPU budget of %j', (percent) => {
    expect(() => parseScanCommand([`--cpu-percent=${percent}`])).toThrow(UsageError)
  })
})
