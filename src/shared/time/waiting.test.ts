import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { unlessAborted } from './waiting.ts'

it.each([
  ['is done', async () => 1],
  ['fails', async () => Promise.reject(new Error('no'))],
])('listens no longer to a signal of long life where the work %s', async (_, work) => {
  const { signal } = new AbortController()
  const ended = unlessAborted(work(), signal).catch(() => undefined)
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  await ended
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('waits for no work once the signal is aborted, before or after', async () => {
  const stop = new AbortController()
  const never = new Promise<never>(() => undefined)
  const waiting = unlessAborted(never, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
  await expect(unlessAborted(never, stop.signal)).rejects.toThrow('stopped')
})
