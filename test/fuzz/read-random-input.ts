// Feeds random input to its readers: each has to end in a result or in a Problem of a code that says so, soon.
import { Duplex } from 'node:stream'
import { guestName } from '../../helper/src/guests/qemu-command-line.ts'
import { bypassesRchar } from '../../helper/src/monitors/aio.ts'
import { readDisks } from '../../helper/src/monitors/block-statistics.ts'
import { findMonitorAddress } from '../../helper/src/monitors/monitor-address.ts'
import { openQmp } from '../../helper/src/monitors/qmp.ts'
import { FrameDecoder } from '../../helper/src/serve/frames.ts'
import { sortMessage } from '../../helper/src/serve/messages.ts'
import { PeerGuard, peerLimits } from '../../src/main/helper-link/peer-guard.ts'
import { parsePolicyFile } from '../../src/shared/policies/policy-file.ts'
import { Problem, type ProblemCode } from '../../src/shared/problem.ts'
import type { Random } from '../../src/shared/statistics/random.ts'
import { Deadline } from '../../src/shared/time/deadline.ts'
import { randomGuestLine, randomMonitor, randomPolicy, randomStream } from './random-inputs.ts'

type Outcome = 'taken' | 'refused'
type InputKind = 'frames' | 'policy' | 'monitor' | 'guest line'

/** Each reads one input; the count is of what it read, frames by themselves. */
export const readers: Readonly<
  Record<InputKind, (random: Random) => Promise<{ outcome: Outcome; count: number }>>
> = {
  frames: readFrames,
  policy: async (random) =>
    one(await settle(async () => parsePolicyFile(randomPolicy(random)), ['bad-input'])),
  monitor: async (random) =>
    one(
      await settle(
        () => readMonitor(random),
        ['protocol', 'timed-out', 'disconnected', 'system', 'not-supported', 'not-found', 'not-permitted'],
      ),
    ),
  'guest line': async (random) => one(await settle(async () => readGuestLine(random), [])),
}

const one = (outcome: Outcome) => ({ outcome, count: 1 })

/** Any other error is a fault of the reader. */
async function settle(read: () => Promise<unknown>, codes: readonly ProblemCode[]): Promise<Outcome> {
  try {
    await read()
    return 'taken'
  } catch (error) {
    if (error instanceof Problem && codes.includes(error.code)) return 'refused'
    throw error
  }
}

/** By the helper's decoder and by main's guard, in pieces of any size. */
async function readFrames(random: Random) {
  const { bytes, frames } = randomStream(random)
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.below(random.next() < 0.2 ? 7 : 4096)
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  const decoder = new FrameDecoder()
  const byHelper = await settle(async () => {
    for (const piece of pieces) decoder.decode(piece, (value) => sortMessage(value))
  }, ['protocol'])
  const byMain = await settle(() => passGuard(pieces), ['protocol'])
  return { outcome: byHelper === 'taken' && byMain === 'taken' ? 'taken' : 'refused', count: frames } as const
}

function passGuard(pieces: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const guard = new PeerGuard('fuzz', () => undefined, peerLimits)
    guard.on('error', reject).on('end', resolve).resume()
    guard.write('singleton-helper 1 deadbeef\n')
    for (const piece of pieces) guard.write(piece)
    guard.end()
  })
}

async function readMonitor(random: Random): Promise<void> {
  const sent = randomMonitor(random)
  const stream = new Duplex({
    read: () => undefined,
    write: (_chunk, _, done) => {
      stream.push(sent.shift() ?? null)
      done()
    },
  })
  stream.push(sent.shift() ?? null)
  const monitor = await openQmp(stream, 'fuzz', { deadline: new Deadline(30), isWhole: true })
  try {
    await readDisks(monitor)
  } finally {
    monitor.close()
  }
}

function readGuestLine(random: Random): void {
  const args = randomGuestLine(random)
  const name = guestName(args) ?? ''
  const address = findMonitorAddress(args, name)
  if (name.length > 512) throw new Error('a name has no bound')
  if (address.kind === 'sockets' && address.paths.some((path) => path === ''))
    throw new Error('a path is empty')
  bypassesRchar(args)
}
