import { describe, expect, it } from 'vitest'
import { readProcessStat } from './process-stat.ts'

describe('readProcessStat', () => {
  it('reads this process', () => {
    const stat = readProcessStat(process.pid)
    expect(stat?.state).toMatch(/^[RS]$/)
    expect(Number(stat?.startTime)).toBeGreaterThan(0)
    expect(stat?.cpuSeconds).toBeGreaterThan(0)
  })

  it('knows that a process is gone', () => {
    // Above the kernel's largest pid.
    expect(readProcessStat(2 ** 23)).toBeUndefined()
  })
})
