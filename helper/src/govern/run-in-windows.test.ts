import { describe, expect, it } from 'vitest'
import { policySchema } from '../../../src/shared/contract/policies.ts'
import { runInWindows } from './run-in-windows.ts'

const { schedule } = policySchema.parse({ schedule: { windows: [{ from: '22:00', to: '06:00' }] } })

/** A day and a half from noon on, as fast as it goes: each look moves the clock on by a minute. */
async function runFrom(noon: string, given = schedule) {
  const stop = new AbortController()
  const told: string[] = []
  let now = Date.parse(noon)
  const end = now + 36 * 3_600_000
  const hour = () => new Date(now).toISOString().slice(11, 16)
  await runInWindows(
    given,
    {
      signal: stop.signal,
      timeZone: 'UTC',
      wallClock: () => now,
      onRest: (resting) =>
        told.push(
          resting?.until === undefined
            ? 'at work'
            : `rests until ${new Date(resting.until).toISOString().slice(11, 16)}`,
        ),
      sleep: async () => {
        await new Promise(setImmediate)
        now += 60_000
        if (now >= end) stop.abort()
      },
    },
    async (signal) => {
      told.push(`begins at ${hour()}`)
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      told.push(`ends at ${hour()}`)
    },
  )
  return told
}

describe('a policy with a schedule', () => {
  it('rests until its window, is ended at the end of it, and rests again', async () => {
    expect(await runFrom('2026-11-25T12:00:00Z')).toEqual([
      'rests until 22:00',
      'at work',
      'begins at 22:00',
      'ends at 06:00',
      'rests until 22:00',
      'at work',
      'begins at 22:00',
      'ends at 00:00',
    ])
  })

  it('begins at once within a window, and ends with the run', async () => {
    const told = await runFrom('2026-11-25T23:30:00Z')
    expect(told.slice(0, 3)).toEqual(['at work', 'begins at 23:30', 'ends at 06:00'])
  })

  it('passes on what fails, and does not begin again', async () => {
    const parts = {
      signal: new AbortController().signal,
      timeZone: 'UTC',
      wallClock: () => Date.parse('2026-11-25T23:30:00Z'),
      onRest: () => undefined,
      sleep: (_: number, signal: AbortSignal) =>
        new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    }
    let begun = 0
    const failing = runInWindows(schedule, parts, async () => {
      begun += 1
      throw new Error('five rounds failed')
    })
    await expect(failing).rejects.toThrow('five rounds failed')
    expect(begun).toBe(1)
  })
})
