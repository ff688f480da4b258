import { describe, expect, it } from 'vitest'
import { parseBusySeconds, parseProcessorCount } from './host-cpu.ts'

describe('/proc/stat', () => {
  it.each([
    // user nice system idle iowait irq softirq steal guest guest_nice, Linux 6.18
    ['cpu  1000 20 300 90000 500 7 40 33 800 0\ncpu0 1 2 3 4\n', 14],
    // Linux 2.4 had four.
    ['cpu  100 0 100 5000\n', 2],
    ['', undefined],
    ['cpu0 1 2 3 4\n', undefined],
    ['cpu  1 2 x 4\n', undefined],
  ])('of %j has %s busy seconds', (text, seconds) => {
    expect(parseBusySeconds(text)).toBe(seconds)
  })

  it.each([
    ['cpu  1 2 3 4\ncpu0 1 2 3 4\ncpu1 1 2 3 4\nintr 5\n', 2],
    ['cpu  1 2 3 4\n', 1],
    ['', 1],
  ])('of %j has %s processors', (text, count) => {
    expect(parseProcessorCount(text)).toBe(count)
  })
})
