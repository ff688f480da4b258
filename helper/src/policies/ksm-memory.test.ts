import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { modelledGuest } from '../../../test/fakes/modelled-host.ts'
import { KsmdModel } from '../../../test/replay/ksmd-model.ts'
import { isMemoryShort, isMemoryTight } from './ksm-memory.ts'

const policy = parsePolicyFile('{"ksm":{"mode":"govern"}}').ksm
const roomy = { totalBytes: 1000, availableBytes: 900, imageCacheBytes: 100 }

describe('whether memory is short', () => {
  it.each([
    ['with room', roomy, false],
    ['by pressure', { ...roomy, pressureRatio: 0.05 }, true],
    ['of the host, whose image cache is not free', { ...roomy, availableBytes: 190 }, true],
    ['of the group that guests share', { ...roomy, group: { limitBytes: 500, availableBytes: 49 } }, true],
    ['nowhere', { ...roomy, group: { limitBytes: 500, availableBytes: 50 } }, false],
  ])('%s', (_name, memory, isShort) => {
    expect(isMemoryShort(policy, memory)).toBe(isShort)
  })
})

describe('whether it is tight', () => {
  const seen = new KsmdModel({ guests: [1, 2].map((pid) => modelledGuest(pid)) }).observe()
  const largest = seen.guests[0]?.residentBytes ?? 0
  it.each([
    ['one more guest leaves enough', 2 * largest, false],
    ['one more guest leaves too little', largest, true],
  ])('%s', (_name, availableBytes, isTight) => {
    const group = { limitBytes: 4 * largest, availableBytes }
    expect(isMemoryTight(policy, { ...seen, memory: { ...seen.memory, group } })).toBe(isTight)
  })

  it('is not where there is no limit and the host has room', () => {
    expect(isMemoryTight(policy, seen)).toBe(false)
  })
})
