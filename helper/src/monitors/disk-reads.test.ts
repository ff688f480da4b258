import { describe, expect, it } from 'vitest'
import { withValue } from '../../../src/shared/with-value.ts'
import type { DiskStatistics } from './block-statistics.ts'
import { compareReadings } from './disk-reads.ts'

const disk = (name: string, readRequests: number, readSeconds?: number): DiskStatistics => ({
  name,
  readBytes: 0,
  readRequests,
  ...withValue({ readSeconds }),
})

describe('compareReadings', () => {
  const before = { monotonicSeconds: 10, disks: [disk('vda', 100, 1), disk('vdb', 50, 2)] }

  it('has totals but no rate of a first reading', () => {
    expect(compareReadings(undefined, before)).toEqual({
      monotonicSeconds: 10,
      readRequests: 150,
      readSeconds: 3,
    })
  })

  it('weighs each disk by its requests', () => {
    const now = { monotonicSeconds: 20, disks: [disk('vda', 190, 1.9), disk('vdb', 60, 3.1)] }
    const reads = compareReadings(before, now)
    expect(reads).toMatchObject({
      monotonicSeconds: 20,
      readRequests: 250,
      readSeconds: 5,
      readsPerSecond: 10,
    })
    expect(reads.readLatencySeconds).toBeCloseTo(0.02, 12)
  })

  it('tells no reads from no figure', () => {
    const { readsPerSecond, ...idle } = compareReadings(before, { ...before, monotonicSeconds: 20 })
    expect(readsPerSecond).toBe(0)
    expect(idle).not.toHaveProperty('readLatencySeconds')
    const untimed = compareReadings(
      { monotonicSeconds: 0, disks: [disk('vda', 1)] },
      { monotonicSeconds: 2, disks: [disk('vda', 5)] },
    )
    expect(untimed).toEqual({ monotonicSeconds: 2, readRequests: 5, readsPerSecond: 2 })
  })

  it('leaves out a disk that came, went or counts anew', () => {
    const now = { monotonicSeconds: 20, disks: [disk('vda', 5, 0.1), disk('vdc', 1000, 9)] }
    expect(compareReadings(before, now)).toMatchObject({ readRequests: 1005, readsPerSecond: 0 })
  })
})
