// Asks each host for a sample of its guests' contents and compares them: pairs of hosts, and moves of guests, best first.
import { randomBytes } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { most } from '../../shared/contract/bounded.ts'
import {
  type Forecast,
  type ForecastEstimate,
  type HostView,
  maxSampledHashes,
  type SampledContents,
} from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { type ContentSample, common, difference, HostContents, type Pause, sampleOf } from './estimate.ts'

const hashesPerGuest = 4096
const maxMoves = 1000

interface SampledHost {
  readonly view: HostView
  readonly pageSize: number
  readonly guests: readonly SampledGuest[]
  readonly contents: HostContents
  readonly unread: number
}

interface SampledGuest {
  readonly pid: number
  readonly name: string
  readonly residentBytes: number
  readonly sample: ContentSample
}

/**
 * The salt and the samples go with this call. A host that cannot be asked is left out, with a note; rejects where fewer
 * than two are left.
 */
export async function makeForecast(
  fleet: Fleet,
  hostIds: readonly string[],
  context: CallContext,
): Promise<Forecast> {
  const wanted = [...new Set(hostIds)]
  if (wanted.length < 2) throw new Problem('bad-input', 'cannot forecast: it needs at least two hosts')
  const salt = randomBytes(8).toString('hex')
  const order = { salt, perGuest: hashesPerGuest }
  let done = 0
  const pause = async () => {
    await breathe()
    context.signal.throwIfAborted()
  }
  const ask = async (hostId: string): Promise<SampledHost> => {
    const sampled = await fleet.act(
      { hostId, kind: 'assess', title: 'Sample contents for a forecast' },
      'forecast/sample',
      order,
      {
        ...context,
        reportProgress: ({ step }) => context.reportProgress({ step, fraction: done / wanted.length }),
      },
    )
    done += 1
    return toSampledHost(fleet.find(hostId).view(), sampled, pause)
  }
  const asked = await Promise.allSettled(wanted.map(ask))
  context.signal.throwIfAborted()
  const hosts = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  const failures = asked.flatMap((one, index) =>
    one.status === 'rejected' ? { hostId: wanted[index] ?? '', problem: asProblem(one.reason) } : [],
  )
  if (hosts.length < 2)
    throw failures[0]?.problem ?? new Problem('internal', 'cannot forecast: no host answered')
  const missing = failures.map(({ hostId, problem }) =>
    `${fleet.find(hostId).view().host.name} is left out: ${problem.message}`.slice(0, 1024),
  )
  const forecast = await compareHosts(hosts, pause)
  return { ...forecast, notes: [...missing, ...forecast.notes].slice(0, most.notes) }
}

/** Throws `protocol` where the host sends another sample than it was asked for. */
async function toSampledHost(
  view: HostView,
  { pageSize, guests, unreadable }: SampledContents,
  pause: Pause,
): Promise<SampledHost> {
  const sampled: SampledGuest[] = []
  let hashes = 0
  for (const { pid, name, residentBytes, ...sent } of guests) {
    const sample = readSample(sent)
    hashes += sample.hashes.length
    if (hashes > maxSampledHashes) throw wrongSample('it holds more hashes than were asked for')
    sampled.push({ pid, name, residentBytes, sample })
    await pause()
  }
  const samples = sampled.map(({ sample }) => sample)
  return {
    view,
    pageSize,
    guests: sampled,
    contents: await HostContents.gather(samples, pause),
    unread: unreadable.length,
  }
}

/** Estimates rest on the order, and divide by the last hash where there are more contents. */
function readSample({
  hashes: text,
  isComplete,
}: Pick<SampledContents['guests'][number], 'hashes' | 'isComplete'>): ContentSample {
  const bytes = Buffer.from(text, 'base64')
  const hashes = new BigUint64Array(Math.floor(bytes.length / 8))
  if (hashes.length > hashesPerGuest) throw wrongSample('it holds more hashes than were asked for')
  for (let index = 0; index < hashes.length; index += 1) {
    const hash = bytes.readBigUInt64BE(index * 8)
    if (index > 0 && hash <= (hashes[index - 1] ?? 0n)) throw wrongSample('its hashes are not in order')
    hashes[index] = hash
  }
  if (!isComplete && !hashes.at(-1)) throw wrongSample('it is a part of the contents, and holds none')
  return sampleOf(hashes, isComplete)
}

function wrongSample(reason: string): Problem {
  return new Problem('protocol', `cannot use the sample of a host: ${reason}`)
}

async function compareHosts(hosts: readonly SampledHost[], pause: Pause): Promise<Forecast> {
  const pairs: Forecast['pairs'] = []
  for (const [index, a] of hosts.entries()) {
    for (const b of hosts.slice(index + 1)) {
      const won = await common(a.contents.sample, b.contents, a.pageSize, pause)
      const most = Math.min(residentOf(a), residentOf(b))
      pairs.push({ a: a.view.host.id, b: b.view.host.id, won: atMost(most, won) })
    }
  }
  const moves: Forecast['moves'] = []
  for (const from of hosts)
    for (const guest of from.guests) moves.push(...(await movesOf(guest, from, hosts, pause)))
  return {
    hosts: hosts.map(({ view, guests }) => ({
      hostId: view.host.id,
      name: view.host.name,
      guests: view.latest?.guests.length ?? guests.length,
      sampledGuests: guests.length,
    })),
    pairs: pairs.sort((x, y) => y.won.bytes - x.won.bytes),
    moves: moves
      .filter(({ won }) => won.bytes > 0)
      .sort((x, y) => y.won.bytes - x.won.bytes)
      .slice(0, maxMoves),
    notes: hosts.flatMap(noteHost),
  }
}

/** Some million look-ups for a fleet. */
async function movesOf(
  guest: SampledGuest,
  from: SampledHost,
  hosts: readonly SampledHost[],
  pause: Pause,
): Promise<Forecast['moves']> {
  const moves: Forecast['moves'] = []
  const here = from.contents.withoutOne
  for (const to of hosts) {
    if (to === from) continue
    const won = await difference(guest.sample, { there: to.contents, here }, from.pageSize, pause)
    const available = to.view.latest?.memory.availableBytes
    moves.push({
      guest: guest.name,
      pid: guest.pid,
      from: from.view.host.id,
      to: to.view.host.id,
      won: atMost(guest.residentBytes, won),
      residentBytes: guest.residentBytes,
      ...withValue({ fits: available === undefined ? undefined : available > guest.residentBytes }),
    })
    await pause()
  }
  return moves
}

function residentOf({ guests }: SampledHost): number {
  return guests.reduce((sum, { residentBytes }) => sum + residentBytes, 0)
}

/** Nothing shares more than it has, whatever sample a host sends. */
function atMost(maxBytes: number, { bytes, low, high }: ForecastEstimate): ForecastEstimate {
  const most = Math.min(maxBytes, Number.MAX_SAFE_INTEGER)
  const within = (value: number) => Math.max(-most, Math.min(most, value))
  return { bytes: within(bytes), low: within(low), high: within(high) }
}

function noteHost({ view, guests, unread }: SampledHost): string[] {
  const { name } = view.host
  return [
    ...(guests.length === 0 ? [`${name}: no guest that KSM may merge was found.`] : []),
    ...(unread > 0
      ? [`${name}: ${unread} items could not be read, so their contents are missing here.`]
      : []),
  ]
}
