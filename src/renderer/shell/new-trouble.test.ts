import { expect, it } from 'vitest'
import type { HostView } from '../../shared/contract/index.ts'
import { newTrouble, troubleOf } from './new-trouble.ts'

const view = (id: string, message?: string): HostView => ({
  host: { id, name: id, address: id, mode: 'observe', tags: [] },
  connection:
    message === undefined
      ? { state: 'connected', since: 1 }
      : { state: 'waiting', since: 1, retryAt: 2, problem: { code: 'unreachable', message } },
  sparkline: [],
  tasks: [],
})

it('tells trouble once, however its reason changes, and again when it comes back', () => {
  const well = troubleOf([view('a'), view('b')])
  const down = troubleOf([view('a', 'refused'), view('b')])
  const still = troubleOf([view('a', 'no route'), view('b')])
  expect(newTrouble(well, down).map(({ name, need }) => [name, need.kind])).toEqual([['a', 'down']])
  expect(newTrouble(down, still)).toEqual([])
  expect(newTrouble(well, still)).toHaveLength(1)
})

it('tells a host once that is tried again and again', () => {
  const down = troubleOf([view('a', 'refused')])
  const tried = troubleOf([{ ...view('a'), connection: { state: 'connecting', since: 1, step: 's' } }], down)
  expect(newTrouble(tried, troubleOf([view('a', 'refused')], tried))).toEqual([])
})

it('takes nothing for news that was there when the page was opened', () => {
  expect(newTrouble(undefined, troubleOf([view('a', 'refused')]))).toEqual([])
})
