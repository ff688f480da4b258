import { describe, expect, it } from 'vitest'
import { randomWords } from '../../../../test/bench/engine/random-words.ts'
import {
  drawKeys,
  hashesAt,
  memoryPagesFor,
  type PageKeys,
  pageHashModule,
  pagesAt,
  writeKeys,
} from './page-hash-module.ts'

const PAGE_BYTES = 4096
const COUNT = 8

/** The same in every run: among millions of pairs of pages one may collide by chance. */
const fixedKeys = new Uint8Array(randomWords(PAGE_BYTES / 4).buffer)

function startModule(keys: PageKeys) {
  const size = memoryPagesFor(COUNT)
  const memory = new WebAssembly.Memory({ initial: size, maximum: size })
  writeKeys(memory.buffer, keys)
  const module = new WebAssembly.Module(pageHashModule(COUNT))
  const hash = new WebAssembly.Instance(module, { page: { memory } }).exports.hash as (count: number) => void
  return {
    keys: new Uint32Array(keys.buffer),
    pages: new Uint8Array(memory.buffer, pagesAt, COUNT * PAGE_BYTES),
    hashes: new BigUint64Array(memory.buffer, hashesAt, COUNT),
    hash,
  }
}

const mask64 = (value: bigint) => BigInt.asUintN(64, value)

/** The same hash, written down once more without vectors. */
function expectedHash(page: Uint32Array, keys: Uint32Array): bigint {
  const sums = new BigUint64Array(8)
  const masked = Array.from(page, (word, i) => BigInt((word ^ (keys[i] ?? 0)) >>> 0))
  const at = (i: number) => masked[i] ?? 0n
  for (let pair = 0; pair < PAGE_BYTES / 32; pair += 1) {
    const first = pair * 8
    for (let lane = 0; lane < 4; lane += 1) {
      const sum = (pair % 2) * 4 + lane
      const word = first + (lane < 2 ? 0 : 4) + (lane % 2) * 2
      const added = at(word) + (at(word + 1) << 32n)
      sums[sum] = mask64((sums[sum] ?? 0n) + at(first + lane) * at(first + 4 + lane) + added)
    }
  }
  const golden = 0x9e37_79b9_7f4a_7c15n
  return sums.reduce((hash, sum) => {
    const mixed = mask64((hash ^ sum) * golden)
    return mixed ^ (mixed >> 32n)
  }, golden)
}

describe('the hash of a page', () => {
  it('is what its description says', () => {
    const { pages, hashes, keys, hash } = startModule(fixedKeys)
    for (let i = 0; i < pages.length; i += 1) pages[i] = (Math.imul(i + 1, 0x9e3779b1) >>> 13) & 0xff
    hash(COUNT)
    for (let page = 0; page < COUNT; page += 1) {
      const words = new Uint32Array(pages.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES).buffer)
      expect(hashes[page]).toBe(expectedHash(words, keys))
    }
  })

  it('differs from process to process, for every page but none in particular', () => {
    const [one, other] = [startModule(drawKeys()), startModule(drawKeys())]
    for (const { pages, hash } of [one, other]) {
      for (let i = 0; i < pages.length; i += 1) pages[i] = (Math.imul(i + 1, 0x9e3779b1) >>> 13) & 0xff
      pages.fill(0, 0, PAGE_BYTES)
      hash(COUNT)
    }
    for (let page = 0; page < COUNT; page += 1) expect(one.hashes[page]).not.toBe(other.hashes[page])
    const again = startModule(new Uint8Array(one.keys.buffer))
    again.pages.set(one.pages)
    again.hash(COUNT)
    expect([...again.hashes]).toEqual([...one.hashes])
  })

  it('tells pages apart that differ in any single bit, or in the order of their words', () => {
    const { pages, hashes, hash } = startModule(fixedKeys)
    const seen = new Set<bigint>()
    let count = 0
    const add = (change: (page: Uint8Array) => void) => {
      pages.fill(0)
      change(pages)
      hash(1)
      seen.add(hashes[0] ?? 0n)
      count += 1
    }
    add(() => undefined)
    for (let bit = 0; bit < PAGE_BYTES * 8; bit += 1)
      add((page) => {
        page[bit >> 3] = 1 << (bit & 7)
      })
    for (let word = 0; word < PAGE_BYTES / 4; word += 1) {
      add((page) => {
        page.fill(0x55, 0, 4)
        page.copyWithin(word * 4, 0, 4)
        page[(word * 4 + 4) % PAGE_BYTES] = 0xaa
      })
    }
    expect(seen.size).toBe(count)
  })
})
