import { describe, expect, it } from 'vitest'
import { backoffMs, needsPersonFirst } from './backoff.ts'

describe('backoffMs', () => {
  it.each([
    [0, 0, 1000],
    [0, 1, 2000],
    [1, 0, 2000],
    [4, 1, 32_000],
    [5, 1, 60_000],
    [1000, 1, 60_000],
    [1000, 0, 30_000],
  ])('failures %i with random %d waits %i ms', (failures, random, expected) => {
    expect(backoffMs(failures, () => random)).toBe(expected)
  })
})

describe('needsPersonFirst', () => {
  it.each(['host-key-changed', 'authentication-failed', 'cancelled'] as const)(
    '%s is not retried',
    (code) => {
      expect(needsPersonFirst(code)).toBe(true)
    },
  )
  it.each(['unreachable', 'timed-out', 'disconnected', 'busy'] as const)('%s is retried', (code) => {
    expect(needsPersonFirst(code)).toBe(false)
  })
})
