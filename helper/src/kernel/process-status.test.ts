import { describe, expect, it } from 'vitest'
import {
  isSameUser,
  parseEffectiveCapabilities,
  parseMemoryOfProcess,
  parseParentPid,
  parseProcessStatus,
} from './process-status.ts'

const status = (capabilities: string, groups = '64055 108') =>
  `Name:\tqemu\nUid:\t1\t2\t3\t64055\nGid:\t5\t6\t7\t64056\nFDSize:\t256\nGroups:\t${groups} \nCapEff:\t${capabilities}\n`

describe('parseProcessStatus', () => {
  it('reads the user by whom access to files is judged', () => {
    expect(parseProcessStatus(status('0000000000000000'))).toEqual({
      credentials: { uid: 64055, gid: 64056, groups: [64055, 108], readsAll: false },
      descriptorRoom: 256,
    })
  })

  it.each([
    ['000001ffffffffff', true],
    // One of the two that pass over the right to read.
    ['0000000000000002', false],
    ['0000000000000006', true],
  ])('reads capabilities %s', (capabilities, readsAll) => {
    expect(parseProcessStatus(status(capabilities))?.credentials.readsAll).toBe(readsAll)
  })

  it('reads no groups as none', () => {
    expect(parseProcessStatus(status('0', ''))?.credentials.groups).toEqual([])
  })

  it.each(['\rUid:0 0 0 0', '\u2028Uid:0 0 0 0', '\rCapEff:6', 'Uid:\t0\t0\t0\t0', '\u0085Gid:0 0 0 0'])(
    'takes the name %j of a process for no other field',
    (name) => {
      const text = status('0000000000000000').replace('qemu', name)
      expect(parseProcessStatus(text)).toEqual(parseProcessStatus(status('0000000000000000')))
    },
  )

  it('takes a text without users for none', () => {
    expect(parseProcessStatus('Name:\tx\n')).toBeUndefined()
  })
})

describe('isSameUser', () => {
  const user = { uid: 1, gid: 1, groups: [1, 2], readsAll: false }
  it.each([
    [user, true],
    [{ ...user, uid: 0 }, false],
    [{ ...user, groups: [1] }, false],
    [{ ...user, readsAll: true }, false],
  ])('%j: %s', (other, expected) => {
    expect(isSameUser(user, other)).toBe(expected)
  })
})

describe('parseEffectiveCapabilities', () => {
  it.each([
    ['CapEff:\t0000000000000000\n', []],
    ['CapInh:\tff\nCapEff:\t0000000000280000\n', [19, 21]],
    ['Name:\t\rCapEff:\tff\nCapEff:\t0000000000280000\n', [19, 21]],
  ])('reads %j', (text, expected) => {
    expect([...parseEffectiveCapabilities(text)]).toEqual(expected)
  })

  it('refuses a text without capabilities', () => {
    expect(() => parseEffectiveCapabilities('Name:\tx\n')).toThrow('no CapEff')
  })
})

describe('parseParentPid', () => {
  it.each([
    ['Name:\tqemu\nPid:\t12\nPPid:\t7\n', 7],
    ['Name:\t\rPPid:\t9\nPPid:\t7\n', 7],
    // A process of another PID namespace, or the first.
    ['PPid:\t0\n', undefined],
    ['', undefined],
  ])('reads %j', (text, expected) => {
    expect(parseParentPid(text)).toBe(expected)
  })
})

describe('parseMemoryOfProcess', () => {
  it('reads sizes, and takes what is not there for absent', () => {
    const text = 'Name:\tqemu\nVmPTE:\t    1234 kB\nVmSwap:\t       0 kB\n'
    expect(parseMemoryOfProcess(text)).toEqual({ pageTableBytes: 1234 * 1024, swapBytes: 0 })
    expect(parseMemoryOfProcess('Name:\tqemu\n')).toEqual({})
  })
})
