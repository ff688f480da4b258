import { describe, expect, it } from 'vitest'
import { IoVector } from './process-memory.ts'

function pairs(vector: IoVector): bigint[] {
  return [...vector.data.slice(0, vector.count * 2)]
}

describe('IoVector', () => {
  it('holds addresses beyond 32 bits', () => {
    const vector = new IoVector(2)
    vector.addRange(0x7fff_1234_5000, 4096)
    vector.addRange(0x1000, 8192)
    expect(pairs(vector)).toEqual([0x7fff_1234_5000n, 4096n, 0x1000n, 8192n])
  })

  it('lengthens the last pair where an address follows it', () => {
    const vector = new IoVector(4)
    vector.addAdjoining(0x1_0000_0000, 4096)
    vector.addAdjoining(0x1_0000_1000, 4096)
    vector.addAdjoining(0x1_0000_4000, 4096)
    expect(pairs(vector)).toEqual([0x1_0000_0000n, 8192n, 0x1_0000_4000n, 4096n])
  })

  it('begins anew after it was cleared', () => {
    const vector = new IoVector(1)
    vector.addRange(0x1000, 4096)
    vector.clear()
    vector.addAdjoining(0x2000, 4096)
    expect(pairs(vector)).toEqual([0x2000n, 4096n])
    expect(vector.capacity).toBe(1)
  })
})
