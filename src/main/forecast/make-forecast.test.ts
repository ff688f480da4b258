import { expect, it } from 'vitest'
import { quiet } from '../../../test/fakes/quiet.ts'
import { Problem } from '../../shared/problem.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { makeForecast } from './make-forecast.ts'

const sampled = { pageSize: 4096, guests: [], unreadable: [] }
const hashes = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(8 * values.length)
  values.forEach((value, index) => {
    bytes.writeBigUInt64BE(BigInt(value), 8 * index)
  })
  return bytes.toString('base64')
}
const upTo = (count: number) => hashes(...Array.from({ length: count }, (_, index) => index + 1))
const guest = (text: string, isComplete = false) => ({
  ...{ pid: 7, name: 'web', pages: 5000, residentBytes: 2 ** 30, hashes: text, isComplete },
})
/** What a host might send instead of a sample. */
const lies: Record<string, object> = {
  'of no hash': [guest('')],
  'of the hash 0': [guest(hashes(0))],
  unordered: [guest(hashes(3, 2))],
  'of one hash often': [guest(hashes(3, 3))],
  'of too many hashes': [guest(upTo(4097))],
  'of too many guests': Array.from({ length: 65 }, () => guest(upTo(4096))),
}

/** Hosts by their ids; those of which the id begins with "down" cannot be asked. */
function fleetOf(): Fleet {
  const find = (hostId: string) => ({ view: () => ({ host: { id: hostId, name: hostId } }) })
  const act = async ({ hostId }: { readonly hostId: string }) => {
    if (hostId.startsWith('down'))
      throw new Problem('disconnected', `cannot ask ${hostId}: it is not connected`)
    return { ...sampled, guests: lies[hostId] ?? [guest(hashes(5, 2 ** 40))] }
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

it.each(Object.keys(lies))('leaves out a host with a sample %s, and compares the others', async (lie) => {
  const found = await makeForecast(fleetOf(), ['a', lie, 'b'], quiet)
  expect(found.hosts.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(found.notes[0]).toMatch(/is left out: cannot use the sample of a host/)
  expect(found.pairs.map(({ won }) => won.bytes)).toEqual([2 ** 30])
})

it('takes a sample that ends at once for what it is, and shows no more than guests have', async () => {
  lies.tiny = [guest(hashes(1))]
  const { pairs } = await makeForecast(fleetOf(), ['a', 'tiny'], quiet)
  delete lies.tiny
  for (const { won } of pairs)
    for (const value of Object.values(won)) expect(Math.abs(value)).toBeLessThanOrEqual(2 ** 30)
})
