// Random input of the helper and of main's link to it: what a peer, a file, a monitor or a command line may hold. Most
// begin as what is right and are then spoiled, so that they get past the first check.

import { encodeFrame } from '../../helper/src/serve/frames.ts'
import { policySchema } from '../../src/shared/contract/policies.ts'
import type { Random } from '../../src/shared/statistics/random.ts'
import { pick } from './pick.ts'
import { randomMessage } from './random-messages.ts'

const headers = [
  'Content-Length: 8589934592\r\n\r\n',
  'Content-Length: -1\r\n\r\n',
  'Content-Length: 0\r\n\r\n',
  'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
  'Content-Length: 00000000000000000009\r\n\r\n',
  'Content-Length: 2\n\n{}',
  'content-length:2\r\n\r\n{}',
  'Content-Type: x\r\n\r\n',
  '\r\n\r\n',
  ': \r\n\r\n',
  'x'.repeat(5000),
]

/** A few frames in a row, whole or spoiled; how many there are is `frames`. */
export function randomStream(random: Random): { readonly bytes: Buffer; readonly frames: number } {
  const frames = 1 + random.below(8)
  const parts = Array.from({ length: frames }, () => {
    const whole = encodeFrame(randomMessage(random))
    return random.next() < 0.8
      ? whole
      : spoilBytes(random.next() < 0.5 ? whole : Buffer.from(pick(headers, random)), random)
  })
  return { bytes: Buffer.concat(parts), frames }
}

export function spoilBytes(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  const kind = random.below(4)
  if (kind === 0)
    for (let n = 0; n < 3; n += 1) copy[random.below(Math.max(1, copy.length))] = random.below(256)
  if (kind === 1) return copy.subarray(0, random.below(copy.length + 1))
  if (kind === 2) return Buffer.concat([copy.subarray(random.below(copy.length + 1)), copy])
  return copy
}

const words = [
  '',
  ' ',
  '\0',
  '\n',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ',,',
  '=',
  ':',
  '/',
  '..',
  'on',
  'off',
  'x',
  'unix:',
  'server',
  'true',
  'null',
  '1e999',
  '-1',
  '9'.repeat(400),
  '\u202e',
  '\ud800',
  '😀',
  '__proto__',
  'constructor',
  'guest=',
  'path=',
  'fd=3',
  'charmonitor',
  'mode=control',
  'a'.repeat(5000),
] as const

/** A text that is cut, doubled or mixed with what may mean something. */
export function spoilText(text: string, random: Random): string {
  let spoiled = text
  for (let times = random.below(4); times > 0; times -= 1) {
    const at = random.below(spoiled.length + 1)
    const cut = random.next() < 0.3 ? random.below(20) : 0
    spoiled = `${spoiled.slice(0, at)}${pick(words, random)}${spoiled.slice(at + cut)}`
  }
  return spoiled
}

const policies = [
  policySchema.parse({}),
  policySchema.parse({ scrub: { mode: 'adaptive' }, ksm: { mode: 'govern' } }),
  { scrub: { mode: 'reclaim', target: { cacheBytes: 0 } } },
]

export function randomPolicy(random: Random): string {
  // A policy has many keys: more, and hardly any would get past its first fault.
  const policy = spoilValue(pick(policies, random), random, pick([0, 0.005, 0.05], random))
  return spoilText(JSON.stringify(policy) ?? '', random)
}

/** The same value, some of its parts exchanged for others. */
function spoilValue(value: unknown, random: Random, share: number): unknown {
  if (random.next() < share)
    return pick<unknown>([null, true, -1, 0.5, 1e308, '', 'x', [], {}, [[[]]]], random)
  if (Array.isArray(value)) return value.map((item) => spoilValue(item, random, share))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [
    random.next() < share / 4 ? pick(words, random) : key,
    spoilValue(item, random, share),
  ])
  return Object.fromEntries(entries)
}

/** What a monitor sends: greeting, answers to two commands, events, spoiled somewhere. */
export function randomMonitor(random: Random): string[] {
  const stats = { rd_bytes: 1, rd_operations: 1 }
  const lines: unknown[] = [
    { QMP: { version: {}, capabilities: [] } },
    { return: {}, id: 1 },
    ...(random.next() < 0.3 ? [{ event: 'RESUME', data: {} }] : []),
    { return: [{ device: 'disk0', qdev: '/x', stats }], id: 2 },
  ]
  return lines.map((line) => {
    const text = JSON.stringify(spoilValue(line, random, 0.04))
    return random.next() < 0.85 ? `${text}\n` : `${spoilText(text, random)}\n`
  })
}

const lines = [
  [
    '-name',
    'guest=web,debug-threads=on',
    '-uuid',
    '6a1f0a52-8f5b-4c6d-9d0e-2f1f6f1a7a10',
    '-chardev',
    'socket,id=charmonitor,fd=22,server=on',
    '-mon',
    'chardev=charmonitor,mode=control',
  ],
  ['-name', 'a', '-qmp', 'unix:/run/a.qmp,server=on,wait=off', '-drive', 'file=/x,aio=io_uring'],
  [
    '-blockdev',
    '{"driver":"file","filename":"/x","aio":"native"}',
    '-qmp-pretty',
    'unix:rel.qmp,server,nowait',
  ],
]

/** Arguments of a process that passes for a guest. */
export function randomGuestLine(random: Random): string[] {
  const line = pick(lines, random).flatMap((arg) => {
    if (random.next() < 0.1) return []
    if (random.next() < 0.1) return [arg, pick(words, random)]
    return [random.next() < 0.3 ? spoilText(arg, random) : arg]
  })
  // Long ones as well, though the kernel bounds them at some megabytes.
  return random.next() < 0.01 ? Array.from({ length: 2000 }, () => line).flat() : line
}
