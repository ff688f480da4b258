// For tests: messages that no workbench would send, the same ones for the same seed.
import { hostContract } from '../../src/shared/contract/host-contract.ts'
import type { Random } from '../../src/shared/statistics/random.ts'
import { pick } from './pick.ts'

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
  if (random.next() < 0.2) return randomValue(random, 3)
  const message: Record<string, unknown> = {
    jsonrpc: random.next() < 0.9 ? '2.0' : randomValue(random, 1),
    id: random.next() < 0.7 ? Math.floor(random.next() * 50) : randomValue(random, 1),
    method: random.next() < 0.9 ? pick(methods, random) : randomValue(random, 1),
    params: random.next() < 0.5 ? randomParams(random) : randomValue(random, 3),
  }
  for (const key of Object.keys(message)) if (random.next() < 0.1) delete message[key]
  if (random.next() < 0.1) message.result = randomValue(random, 2)
  return message
}

/** A request that must be refused, by its method, its shape or its parameters. */
export function malformedRequest(random: Random, id: number): Record<string, unknown> {
  const name = pick(Object.keys(hostContract), random) as keyof typeof hostContract
  const request = { jsonrpc: '2.0', id, method: name, params: {} as unknown }
  const spoiled = random.next()
  if (spoiled < 0.2)
    return { ...request, method: `${name}${pick(['/', ' ', '\u0000', 'x', '/../hello'], random)}` }
  if (spoiled < 0.3)
    return { ...request, method: pick(['__proto__', 'constructor', '', 'x'.repeat(300), 7, null], random) }
  if (spoiled < 0.4) return { ...request, jsonrpc: pick(['1.0', '2', 2, null, undefined], random) }
  if (spoiled < 0.6) return { ...request, params: pick([null, 7, '', 'x', true, [], [{}], [1, 2]], random) }
  return { ...request, ...spoilParams(random) }
}

const withParams = Object.entries(hostContract).flatMap(([method, { params }]) =>
  Object.keys(params.shape).length > 0 ? [{ method, schema: params, keys: Object.keys(params.shape) }] : [],
)

function spoilParams(random: Random): { method: string; params: unknown } {
  const { method, schema, keys } = pick(withParams, random)
  for (;;) {
    const params = { ...randomParams(random), ...randomEntries(keys, random) }
    if (!schema.safeParse(params).success) return { method, params }
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
  return randomEntries(keys, random)
}

function randomEntries(keys: readonly string[], random: Random): Record<string, unknown> {
  const some = keys.filter(() => random.next() < 0.4)
  return Object.fromEntries(some.map((key) => [key, randomValue(random, 2)]))
}

function randomValue(random: Random, depth: number): unknown {
  const list = () =>
    Array.from({ length: Math.floor(random.next() * 4) }, () => randomValue(random, depth - 1))
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
    'x'.repeat(Math.floor(random.next() * 2000)),
  ]
  if (depth <= 0 || random.next() < 0.6) return pick(scalars, random)
  return random.next() < 0.5 ? list() : Object.fromEntries(list().map((value, index) => [`k${index}`, value]))
}
