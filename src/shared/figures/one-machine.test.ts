import { describe, expect, it } from 'vitest'
import { withValue } from '../with-value.ts'
import { firstOnSameMachine, guestsKey, kernelKey, sumOnce } from './one-machine.ts'

const host = (name: string, bootId?: string, pidNamespace?: string) => ({
  name,
  bytes: 10,
  ...(bootId !== undefined && {
    machine: { bootId, ...withValue({ pidNamespace }) },
  }),
})
const local = host('local', 'boot-1', 'pid:[1]')
const bySsh = host('by ssh', 'boot-1', 'pid:[1]')
const container = host('container', 'boot-1', 'pid:[2]')
const other = host('other', 'boot-2', 'pid:[1]')
const unknown = host('unknown')
const all = [unknown, local, bySsh, container, other, unknown]
const read = ({ bytes }: typeof local) => bytes

describe('hosts of one machine', () => {
  it('count once for the kernel, once for each set of guests, and always where nobody knows', () => {
    expect(sumOnce(all, { key: kernelKey, read })).toEqual({ value: 40, items: 6 })
    expect(sumOnce(all, { key: guestsKey, read })).toEqual({ value: 50, items: 6 })
    expect(sumOnce([host('a', 'boot'), host('b', 'boot')], { key: guestsKey, read }).value).toBe(20)
  })

  it('count by the first that has the figure', () => {
    const read = ({ name }: typeof local) => (name === 'local' ? undefined : name === 'by ssh' ? 3 : 5)
    expect(sumOnce([local, bySsh, container], { key: kernelKey, read })).toEqual({ value: 3, items: 2 })
  })

  it('are told by the first of them', () => {
    expect(all.map((one) => firstOnSameMachine(all, one)?.name)).toEqual([
      undefined,
      undefined,
      'local',
      'local',
      undefined,
      undefined,
    ])
  })
})
