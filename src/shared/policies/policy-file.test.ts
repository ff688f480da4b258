import { describe, expect, it } from 'vitest'
import { Problem } from '../problem.ts'
import { createRandom, type Random } from '../statistics/random.ts'
import { defaultChangePolicy, defaultPolicy, parsePolicyFile } from './policy-file.ts'

function messageOf(text: string): string {
  try {
    parsePolicyFile(text)
  } catch (error) {
    expect(error).toBeInstanceOf(Problem)
    expect((error as Problem).code).toBe('bad-input')
    return (error as Problem).message
  }
  throw new Error(`accepted: ${text}`)
}

describe('policy files', () => {
  it('fill in the documented defaults', () => {
    expect(parsePolicyFile('{}')).toEqual(defaultPolicy())
    expect(defaultPolicy().scrub.mode).toBe('observe')
    expect(parsePolicyFile('{"scrub":{"mode":"adaptive"},"ksm":{"mode":"govern"}}')).toEqual(
      defaultChangePolicy(),
    )
  })

  it.each<[string, string]>([
    ['', 'not JSON'],
    ['[]', 'the file: got an array'],
    ['{"scrubs":{}}', 'the file: unknown "scrubs", allowed: version, scrub, ksm'],
    ['{"version":2}', 'version: got 2, allowed: 1'],
    ['{"scrub":{}}', 'scrub.mode: got nothing, allowed: observe, reclaim, periodic, adaptive'],
    ['{"scrub":{"mode":"all"}}', 'scrub.mode: got "all", allowed: observe, reclaim, periodic, adaptive'],
    ['{"scrub":{"mode":"reclaim"}}', 'scrub.target: got nothing, expected object'],
    ['{"scrub":{"mode":"reclaim","target":{}}}', 'scrub.target: got an object, needs exactly one of'],
    ['{"scrub":{"mode":"reclaim","target":{"freeBytes":1,"cacheBytes":1}}}', 'needs exactly one of'],
    [
      '{"scrub":{"mode":"periodic","intervalSeconds":5}}',
      'scrub: unknown "intervalSeconds", allowed: mode, everySeconds',
    ],
    ['{"scrub":{"mode":"periodic","everySeconds":0}}', 'scrub.everySeconds: got 0, allowed: at least 1'],
    [
      '{"scrub":{"mode":"periodic","everySeconds":900}}',
      'maxIntervalSeconds: got nothing, must not be below',
    ],
    [
      '{"scrub":{"mode":"adaptive","guards":{"dirty":"drop"}}}',
      'scrub.guards.dirty: got "drop", allowed: leave, flush',
    ],
    [
      '{"scrub":{"mode":"adaptive","guards":{"dirt":1}}}',
      'scrub.guards: unknown "dirt", allowed: imageFloorBytes',
    ],
    ['{"scrub":{"mode":"adaptive","guards":{"evictBytesPerSecond":"fast"}}}', 'got "fast", expected number'],
    ['{"scrub":{"mode":"adaptive","guards":{"imageFloors":{"a.img":1}}}}', 'absolute paths'],
    ['{"scrub":{"mode":"adaptive","guards":{"imageFloors":{"__proto__":1}}}}', 'unknown "__proto__"'],
    ['{"scrub":{"mode":"adaptive","headRoomRatio":1e999}}', 'scrub.headRoomRatio'],
    ['{"ksm":{"minPagesToScan":500,"burstPagesToScan":100}}', 'ksm.minPagesToScan: got 500, must not exceed'],
    ['{"ksm":{"takeOver":true}}', 'ksm.takeOver: got true, needs mode "govern"'],
    ['{"\\u005f_proto__":{"version":1}}', 'unknown "__proto__"'],
    ['{"__proto__":{"version":1}}', 'unknown "__proto__"'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'cannot use the policy file'],
    ['x'.repeat(1024 * 1024 + 1), 'longer than'],
  ])('refuse a file: %#', (text, message) => {
    expect(messageOf(text)).toContain(message)
  })

  it('answer 10,000 random malformed files with a Problem that names its cause, and nothing else', () => {
    const random = createRandom(7)
    let refused = 0
    for (let i = 0; i < 10_000; i += 1) refused += Number(refusedMalformed(random))
    expect(refused).toBe(10_000)
  }, 60_000)
})

function refusedMalformed(random: Random): boolean {
  const text = malformed(random)
  const message = messageOf(text)
  expect(message.length).toBeLessThanOrEqual(4096)
  return (
    message.startsWith('cannot use the policy file: ') &&
    message.length > 'cannot use the policy file: '.length
  )
}

/** A valid file damaged so that it cannot be valid any more: cut text, a foreign key, or a value of a wrong type. */
function malformed(random: Random): string {
  const whole = JSON.stringify(random.below(2) === 0 ? defaultPolicy() : defaultChangePolicy())
  const kind = random.below(4)
  if (kind === 0) return whole.slice(0, random.below(whole.length))
  if (kind === 1) return insertNoise(whole, random)
  const root: Record<string, unknown> = JSON.parse(whole)
  const target = pickObject(root, random)
  if (kind === 2) target[foreignKey(random)] = junk(random)
  else replaceSome(target, random)
  return JSON.stringify(root)
}

function insertNoise(text: string, random: Random): string {
  const at = 1 + random.below(text.length - 1)
  return `${text.slice(0, at)}\u0000${String.fromCharCode(random.below(0x10000))}${text.slice(at)}`
}

/** An object of the file whose keys are closed (not a map of paths). */
function pickObject(root: Record<string, unknown>, random: Random): Record<string, unknown> {
  const scrub = root.scrub as Record<string, unknown>
  const all = [root, scrub, scrub.guards, root.ksm] as Record<string, unknown>[]
  return all[random.below(all.length)] ?? root
}

function foreignKey(random: Random): string {
  return ['constructor', 'toString', '', 'Mode', 'sеcret', `k${random.below(1e6)}`][random.below(6)] ?? 'x'
}

function replaceSome(target: Record<string, unknown>, random: Random): void {
  const keys = Object.keys(target)
  const key = keys[random.below(keys.length)] ?? 'version'
  // No key of the schema accepts null, a nested array of arrays or a negative number.
  target[key] = [null, [[random.below(9)]], -1 - random.below(1e9), { '': [] }][random.below(4)]
}

function junk(random: Random): unknown {
  return [null, true, '', -1.5, [], {}, [{ a: [1, 2, { b: null }] }], 'x'.repeat(random.below(500))][
    random.below(8)
  ]
}
