// For tests: messages that no workbench would send, the same ones for the same seed.
import { hostContract } from '../../src/shared/contract/host-contract.ts'
import { createRandom } from '../../src/shared/random.ts'

type Random = () => number

/** Numbers from 0 to 1. */
export function randomSource(seed: number): Random {
  return createRandom(seed).next
}

const methods = [
  // Without those that scan: they would keep the session busy.
  ...Object.keys(hostContract).filter((name) => name !== 'assess'),
  '$/cancelRequest',
  '$/progress',
  '__proto__',
  'constructor',
  'initialize',
  '',
]

/** A JSON value: often close to a request, with one thing or all of it wrong. */
export function randomMessage(random: Random): unknown {
  if (random() < 0.2) return randomValue(random, 3)
  const message: Record<string, unknown> = {
    jsonrpc: random() < 0.9 ? '2.0' : randomValue(random, 1),
    id: random() < 0.7 ? Math.floor(random() * 50) : randomValue(random, 1),
    method: random() < 0.9 ? pick(random, methods) : randomValue(random, 1),
    params: random() < 0.5 ? randomParams(random) : randomValue(random, 3),
  }
  for (const key of Object.keys(message)) if (random() < 0.1) delete message[key]
  if (random() < 0.1) message.result = randomValue(random, 2)
  return message
}

/** A request that must be refused, by its method, its shape or its parameters. */
export function malformedRequest(random: Random, id: number): Record<string, unknown> {
  const name = pick(random, Object.keys(hostContract)) as keyof typeof hostContract
  const request = { jsonrpc: '2.0', id, method: name, params: {} as unknown }
  const spoiled = random()
  if (spoiled < 0.2)
    return { ...request, method: `${name}${pick(random, ['/', ' ', '\u0000', 'x', '/../hello'])}` }
  if (spoiled < 0.3)
    return { ...request, method: pick(random, ['__proto__', 'constructor', '', 'x'.repeat(300), 7, null]) }
  if (spoiled < 0.4) return { ...request, jsonrpc: pick(random, ['1.0', '2', 2, null, undefined]) }
  if (spoiled < 0.6) return { ...request, params: pick(random, [null, 7, '', 'x', true, [], [{}], [1, 2]]) }
  return { ...request, ...spoilParams(random) }
}

function spoilParams(random: Random): { method: string; params: unknown } {
  const withParams = ['page-cache/plan', 'page-cache/scrub', 'ksm/start', 'audit/list'] as const
  const method = pick(random, withParams) ?? 'ksm/start'
  for (;;) {
    const params = randomParams(random)
    if (!hostContract[method].params.safeParse(params).success) return { method, params }
  }
}

function randomParams(random: Random): Record<string, unknown> {
  const keys = [
    'limit',
    'images',
    'pagesToScan',
    'sleepMillisecs',
    'takeOver',
    'id',
    'progressToken',
    '__proto__',
  ]
  const entries = keys.filter(() => random() < 0.4).map((key) => [key, randomValue(random, 2)])
  return Object.fromEntries(entries)
}

function randomValue(random: Random, depth: number): unknown {
  const list = () => Array.from({ length: Math.floor(random() * 4) }, () => randomValue(random, depth - 1))
  const scalars = [
    null,
    true,
    0,
    -1,
    1e308,
    0.5,
    '',
    '2.0',
    'ä\u0000',
    'x'.repeat(Math.floor(random() * 2000)),
  ]
  if (depth <= 0 || random() < 0.6) return pick(random, scalars)
  return random() < 0.5 ? list() : Object.fromEntries(list().map((value, index) => [`k${index}`, value]))
}

function pick<T>(random: Random, from: readonly T[]): T | undefined {
  return from[Math.floor(random() * from.length)]
}
