import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CallOptions } from '../../shared/rpc.ts'
import type { FleetStore } from '../store/fleet-store.ts'
import { type Outcome, readComparison } from './read-comparison.ts'

const search = 'hosts=a,b&metric=hitRatio&per=host'

/** A workbench that answers when the test says so. */
function open() {
  const answer = Promise.withResolvers<unknown>()
  const asked: CallOptions[] = []
  const call = (_method: string, _params: unknown, options: CallOptions) => {
    asked.push(options)
    options.signal?.addEventListener('abort', () => answer.reject(options.signal?.reason))
    return answer.promise
  }
  let outcome: Outcome = {}
  const told: Outcome[] = []
  const store = { call, find: () => undefined } as unknown as FleetStore
  const reading = readComparison(store, search, (change) => {
    outcome = change(outcome)
    told.push(outcome)
  })
  return { reading, asked, told, answer, now: () => outcome }
}

const means = { at: [1, 2], hosts: [{ hostId: 'a', values: [0.5, 0.5], mean: 0.5 }] }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('says how far it is once it takes longer than a moment', async () => {
  const { asked, answer, now, told } = open()
  asked[0]?.onProgress?.({ step: 'reading history', fraction: 0.1 })
  expect(told).toEqual([])
  vi.advanceTimersByTime(1000)
  expect(now().reading).toEqual({ step: 'reading history', fraction: 0.1 })
  asked[0]?.onProgress?.({ step: 'reading history', fraction: 0.6 })
  expect(now().reading).toEqual({ step: 'reading history', fraction: 0.6 })
  answer.resolve(means)
  await vi.waitFor(() => expect(now().shown?.at).toEqual([1, 2]))
  expect(now().reading).toBeUndefined()
})

it('stops when it is cancelled, and says that it did not come to its end', async () => {
  const { reading, asked, now } = open()
  vi.advanceTimersByTime(1000)
  reading.cancel()
  expect(asked[0]?.signal?.aborted).toBe(true)
  await vi.waitFor(() => expect(now().problem?.code).toBe('cancelled'))
  expect(now().reading).toBeUndefined()
})

it('keeps what was read before while it is read again, and after a failure', async () => {
  const { answer, now } = open()
  answer.resolve(means)
  await vi.waitFor(() => expect(now().shown).toBeDefined())
  const before = now()
  let outcome = before
  const call = () => Promise.reject(new Error('the disk is gone'))
  const next = search.replace('hitRatio', 'mergedBytes')
  readComparison({ call, find: () => undefined } as unknown as FleetStore, next, (change) => {
    outcome = change(outcome)
  })
  await vi.waitFor(() => expect(outcome.problem?.message).toContain('the disk is gone'))
  expect(outcome.shown).toEqual(before.shown)
  // What is drawn is named by what it is, not by what the address asks for by now.
  expect(outcome.shown).toMatchObject({ metric: 'hitRatio', per: 'host' })
})

it('tells nothing once the page is left', async () => {
  const { reading, answer, told } = open()
  reading.leave()
  answer.resolve(means)
  vi.advanceTimersByTime(1000)
  await vi.advanceTimersByTimeAsync(10)
  expect(told).toEqual([])
})
