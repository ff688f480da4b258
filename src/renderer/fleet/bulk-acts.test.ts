import { describe, expect, it } from 'vitest'
import type { FleetStore } from '../store/fleet-store.ts'
import { bulkActs, runPolicy } from './bulk-acts.ts'

const store = {} as FleetStore

describe('what is said before an act on many hosts', () => {
  it('tells what becomes of a policy in both modes', () => {
    const named = { name: 'nights', version: 2, at: 1, author: 'ada', text: '{}', hostIds: [], tags: [] }
    const { explain } = runPolicy(store, named)
    expect(explain).toMatch(/no service it runs in session mode: it ends, and everything is put back/)
    expect(explain).toMatch(
      /service of a host runs it in service mode, .* after a reboot, until it is stopped/,
    )
    const stop = bulkActs(store).find(({ title }) => title === 'Stop the policy')
    expect(stop?.explain).toMatch(/The service of a host stops its policy as well/)
  })
})
