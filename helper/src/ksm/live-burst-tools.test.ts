import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { liveBurstTools } from './live-burst-tools.ts'
import type { MeasuredPotential } from './potential.ts'

it('measures once at a time, and begins nothing that was cancelled while it waited', async () => {
  const host = makeFixtureHost('linux-6.18')
  try {
    const potential = { bytes: 0, savedBytes: 0, residentBytes: 0, measuredAtSeconds: 0, guests: new Map() }
    const begun: PromiseWithResolvers<MeasuredPotential>[] = []
    const tools = liveBurstTools(host.context, () => {
      const measuring = Promise.withResolvers<MeasuredPotential>()
      begun.push(measuring)
      return measuring.promise
    })
    const cancelling = new AbortController()
    const { signal } = new AbortController()
    const rest = tools.measure(signal)
    const cancelled = expect(tools.measure(cancelling.signal)).rejects.toMatchObject({ code: 'cancelled' })
    const next = tools.measure(signal)
    await expect.poll(() => begun.length).toBe(1)
    cancelling.abort()
    // Guests are listed meanwhile, by which a second one would have begun.
    for (let turn = 0; turn < 100; turn += 1) await setImmediate()
    expect(begun).toHaveLength(1)
    begun[0]?.resolve(potential)
    expect(await rest).toBe(potential)
    await cancelled
    await expect.poll(() => begun.length).toBe(2)
    begun[1]?.resolve(potential)
    expect(await next).toBe(potential)
  } finally {
    host.remove()
  }
})
