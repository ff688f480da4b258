import { expect, it } from 'vitest'
import { quiet } from '../../../test/fakes/quiet.ts'
import { Problem } from '../../shared/problem.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { makeForecast } from './make-forecast.ts'

const sampled = { pageSize: 4096, guests: [], unreadable: [] }

/** Hosts by their ids; those of which the id begins with "down" cannot be asked. */
function fleetOf(): Fleet {
  const find = (hostId: string) => ({ view: () => ({ host: { id: hostId, name: hostId } }) })
  const act = async ({ hostId }: { readonly hostId: string }) => {
    if (hostId.startsWith('down'))
      throw new Problem('disconnected', `cannot ask ${hostId}: it is not connected`)
    return sampled
  }
  return { find, act } as unknown as Fleet
}

it('leaves out a host that cannot be asked, and says why', async () => {
  const { hosts, notes } = await makeForecast(fleetOf(), ['a', 'down', 'b'], quiet)
  expect(hosts.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(notes[0]).toBe('down is left out: cannot ask down: it is not connected')
})

it('is none where fewer than two hosts answer', async () => {
  await expect(makeForecast(fleetOf(), ['a', 'down', 'down-too'], quiet)).rejects.toMatchObject({
    message: 'cannot ask down: it is not connected',
  })
})
