import { describe, expect, it } from 'vitest'
import type { HostView } from '../../shared/contract/index.ts'
import type { FleetStore } from '../store/fleet-store.ts'
import { bulkActs, replaceable, runPolicy } from './bulk-acts.ts'

const store = {} as FleetStore
const named = { name: 'nights', version: 2, at: 1, author: 'ada', text: '{}', hostIds: [], tags: [] }

describe('what is said before an act on many hosts', () => {
  it('tells what becomes of a policy in both modes', () => {
    const { explain } = runPolicy(store, named)
    expect(explain).toMatch(/no service it runs in session mode: it ends, and everything is put back/)
    expect(explain).toMatch(
      /service of a host runs it in service mode: .* after a reboot, until it is stopped/,
    )
    const stop = bulkActs(store).find(({ title }) => title === 'Stop the policy')
    expect(stop?.explain).toMatch(/The service of a host stops its policy as well/)
  })
})

describe('a policy that the services of some hosts refuse, as they have another', () => {
  const problem = (code: 'busy' | 'other-policy') => ({
    code,
    message: 'the service has …, which ada set on …',
  })
  const results = [
    { hostId: 'a', name: 'a', state: 'failed', problem: problem('other-policy') },
    { hostId: 'b', name: 'b', state: 'failed', problem: problem('busy') },
    { hostId: 'c', name: 'c', state: 'done', text: 'runs nights' },
  ] as const

  it('can be replaced there and nowhere else, once all have answered', () => {
    const act = runPolicy(store, named)
    expect(replaceable({ act, results, isOver: true }).map(({ name }) => name)).toEqual(['a'])
    expect(replaceable({ act, results, isOver: false })).toEqual([])
    const [other] = bulkActs(store)
    expect(other && replaceable({ act: other, results, isOver: true })).toEqual([])
  })

  it('is replaced by an act of its own, and not by the first one', async () => {
    const asked: unknown[] = []
    const noting = {
      call: async (_method: string, { replace }: { replace: boolean }) => asked.push(replace),
    } as unknown as FleetStore
    const act = runPolicy(noting, named)
    const view = { host: { id: 'a' } } as HostView
    const { signal } = new AbortController()
    await act.run(view, signal)
    await act.replacing?.run(view, signal)
    expect(asked).toEqual([false, true])
  })
})
