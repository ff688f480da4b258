import { expect, it } from 'vitest'
import { ReadingState, watchedRead, watchReads } from './watched-read.ts'

it('begins to watch at the first read of another process, not at those of its own', () => {
  let begun = 0
  const state = new ReadingState()
  watchReads(() => {
    begun += 1
    return { state, started: Promise.resolve() }
  })
  expect(watchedRead(process.pid, () => 'own')).toBe('own')
  expect(begun).toBe(0)
  expect(watchedRead(process.ppid, () => state.readTurn(0))).toMatchObject({ turn: 1, pid: process.ppid })
  expect(begun).toBe(1)
  expect(state.readTurn(0).turn).toBe(2)
})
