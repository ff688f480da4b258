import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { followWorkbench, workbenchNow } from './workbench-clock.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

it('goes on from what the workbench said, whatever the browser’s clock does', () => {
  followWorkbench(5_000_000)
  vi.advanceTimersByTime(1500)
  vi.setSystemTime(Date.now() + 3_600_000)
  expect(workbenchNow()).toBe(5_001_500)
  vi.setSystemTime(Date.now() - 7_200_000)
  vi.advanceTimersByTime(500)
  expect(workbenchNow()).toBe(5_002_000)
})

it('takes over a step of the workbench’s own clock', () => {
  followWorkbench(5_000_000)
  followWorkbench(1_400_000)
  vi.advanceTimersByTime(100)
  expect(workbenchNow()).toBe(1_400_100)
})
