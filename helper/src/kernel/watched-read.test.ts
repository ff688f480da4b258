import { expect, it, vi } from 'vitest'

it('begins to watch at the first read of another process, not at those of its own', async () => {
  // Whoever was loaded before may watch already.
  vi.resetModules()
  const { ReadingState, watchedRead, watchReads } = await import('./watched-read.ts')
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
