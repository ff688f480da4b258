// What the cells of the fleet say of a host that is not connected.
import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import type { HostView } from '../../shared/contract/index.ts'
import { choosable } from './choosable-columns.tsx'
import { fleetColumnIds } from './fleet-column-ids.ts'

const view = (more: Partial<HostView>): HostView => ({
  host: { id: 'a', name: 'a', address: 'a', mode: 'observe', tags: [] },
  connection: { state: 'connected', since: 1 },
  sparkline: [],
  tasks: [],
  ...more,
})
const problem = { code: 'unreachable', message: 'cannot connect to a: refused' } as const
const down: HostView['connection'] = { state: 'waiting', since: 1, retryAt: 2, problem }
const lost = /not connected since [\d-]* ?\d\d:\d\d:\d\d/
const assessedColumns = ['reclaimable', 'mergeable', 'double-cached', 'sparkline']

function draw(id: (typeof fleetColumnIds)[number], one: HostView): string {
  return renderToStaticMarkup(<MantineProvider>{choosable[id].cell(one)}</MantineProvider>)
}

describe.each(fleetColumnIds.filter((id) => !assessedColumns.includes(id)))('the column %s', (id) => {
  it('says since when a host that was never measured is not connected', () => {
    expect(draw(id, view({ connection: down }))).toMatch(lost)
  })
})

it.each(fleetColumnIds)('the column %s has words for what is absent, and no dash', (id) => {
  for (const one of [view({ connection: down }), view({}), view({ latest: fakeSample() })])
    expect(draw(id, one)).not.toMatch(/>[—–-]</)
})

it('says of when a figure is that was measured before the connection ended', () => {
  const before = view({ connection: down, latest: fakeSample(), reclaimedBytes: 5 })
  for (const id of ['memory', 'guests', 'reclaimed'] as const) expect(draw(id, before)).toMatch(lost)
  expect(draw('reclaimed', { ...before, connection: { state: 'connected', since: 1 } })).not.toMatch(lost)
})
