import { expect } from 'vitest'

/** Looks again until it is so: screens follow in their own time. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 60_000 })
}
