import { describe, expect, it } from 'vitest'
import { Problem } from '../../../src/shared/problem.ts'
import type { Guest } from '../guests/guests.ts'
import { GuestSwitches } from './guest-switches.ts'

const root = { proc: '/nowhere', sys: '/nowhere' }
const guest = (pid: number) => ({ pid, name: `guest-${pid}`, args: [] }) as unknown as Guest

describe('GuestSwitches', () => {
  it('asks a monitor once, and one that does not answer again after ten minutes', async () => {
    const asked: number[] = []
    const switches = new GuestSwitches(root, async (_, { pid }) => {
      asked.push(pid)
      if (pid === 2) throw new Problem('busy', 'cannot use the monitor: taken')
    })
    for (const at of [0, 5, 10, 599, 601]) await switches.follow([guest(1), guest(2)], at)
    expect(asked).toEqual([1, 2, 2])
    expect([switches.isReachable(1), switches.isReachable(2), switches.isReachable(3)]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('remembers what was switched, and leaves a failed one alone', async () => {
    const switches = new GuestSwitches(root, async () => undefined)
    await switches.follow([guest(1)], 0)
    expect(switches.mergeable(1)).toBeUndefined()
    switches.noteSwitched(1, false)
    expect(switches.mergeable(1)).toBe(false)
    switches.noteFailed(1, 0)
    await switches.follow([guest(1)], 10)
    expect(switches.isReachable(1)).toBe(false)
    await switches.follow([], 20)
    await switches.follow([guest(1)], 30)
    expect(switches.isReachable(1)).toBe(true)
  })
})
