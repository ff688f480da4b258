// A WebAssembly module that hashes pages with 128-bit instructions: a third faster than Bun's own hash, for a whole
// chunk of pages by one call, and without a BigInt for each.
//
// Each 64-bit sum takes, for every 32 bytes, the products of 32-bit words masked by keys (as NH and XXH3 do: a key for
// each place, so that order counts) and the masked words themselves (so that no word is lost where the other factor
// is zero). Eight sums are then folded into one by multiplying and shifting. Not cryptographic: see page-hash.ts.

const keysAt = 0
export const hashesAt = 4096
export const pagesAt = 8192
/** What one hash is of. */
export const pageBytes = 4096
const wasmPageBytes = 65_536

/** For `pages` pages of 4 KiB: keys, hashes (8 bytes each) and pages lie one behind the other. */
export function memoryPagesFor(pages: number): number {
  return Math.ceil((pagesAt + pages * pageBytes) / wasmPageBytes)
}

// Types, sections and instructions by the names of the WebAssembly specification.
const i32Type = 0x7f
const i64Type = 0x7e
const v128Type = 0x7b
const emptyBlock = 0x40
const loop = [0x03, emptyBlock]
const end = [0x0b]
const branchIf = (depth: number) => [0x0d, depth]
const local = {
  get: (index: number) => [0x20, index],
  set: (index: number) => [0x21, index],
  tee: (index: number) => [0x22, index],
}
const i32 = {
  const: (value: number) => [0x41, ...signed(BigInt(value))],
  add: [0x6a],
  sub: [0x6b],
  ltU: [0x49],
}
const i64 = {
  const: (value: bigint) => [0x42, ...signed(BigInt.asIntN(64, value))],
  mul: [0x7e],
  xor: [0x85],
  shrU: [0x88],
  store: (offset: number) => [0x37, 3, ...unsigned(offset)],
}
const v128 = {
  load: (offset: number) => [...simd(0x00), 0, ...unsigned(offset)],
  zero: [...simd(0x0c), ...new Array<number>(16).fill(0)],
  xor: simd(0x51),
  addI64: simd(0xce),
  /** Products of the lower, or upper, two 32-bit words. */
  multiplyLow: simd(0xde),
  multiplyHigh: simd(0xdf),
  laneI64: (lane: number) => [...simd(0x1d), lane],
}

const [countLocal, pageLocal, keyLocal, outLocal, hashLocal] = [0, 1, 2, 3, 4] as const
const sumLocals = [5, 6, 7, 8] as const
const [firstLocal, secondLocal] = [9, 10] as const
const goldenRatio = 0x9e37_79b9_7f4a_7c15n
const unrolledPairs = 4
const pairBytes = 32

/** The bytes of the module: it imports `page.memory` and exports `hash(count)`, for 1 page and more. */
export function pageHashModule(pages: number): Uint8Array<ArrayBuffer> {
  const memory = unsigned(memoryPagesFor(pages))
  const locals = [
    [3, i32Type],
    [1, i64Type],
    [6, v128Type],
  ]
  const code = [...list(locals), ...hashPages(), ...end]
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, 1, i32Type, 0]])),
    ...section(2, list([[...text('page'), ...text('memory'), 2, 1, ...memory, ...memory]])),
    ...section(3, list([[0]])),
    ...section(7, list([[...text('hash'), 0, 0]])),
    ...section(10, list([[...unsigned(code.length), ...code]])),
  ])
}

function hashPages(): number[] {
  return [
    ...loop,
    ...sumLocals.flatMap((sum) => [...v128.zero, ...local.set(sum)]),
    ...[...i32.const(0), ...local.set(keyLocal)],
    ...loop,
    ...Array.from({ length: unrolledPairs }, (_, i) => addPair(i * pairBytes, (i % 2) * 2)).flat(),
    ...[
      ...local.get(pageLocal),
      ...i32.const(unrolledPairs * pairBytes),
      ...i32.add,
      ...local.set(pageLocal),
    ],
    ...[...local.get(keyLocal), ...i32.const(unrolledPairs * pairBytes), ...i32.add, ...local.tee(keyLocal)],
    ...[...i32.const(pageBytes), ...i32.ltU, ...branchIf(0)],
    ...end,
    ...[...i64.const(goldenRatio), ...local.set(hashLocal)],
    ...sumLocals.flatMap((sum) => [...fold(sum, 0), ...fold(sum, 1)]),
    ...[...local.get(outLocal), ...local.get(hashLocal), ...i64.store(hashesAt)],
    ...[...local.get(outLocal), ...i32.const(8), ...i32.add, ...local.set(outLocal)],
    ...[...local.get(countLocal), ...i32.const(1), ...i32.sub, ...local.tee(countLocal), ...branchIf(0)],
    ...end,
  ]
}

function addPair(offset: number, firstSum: number): number[] {
  const [low, high] = [sumLocals[firstSum] ?? 0, sumLocals[firstSum + 1] ?? 0]
  const masked = (at: number) => [
    ...[...local.get(pageLocal), ...v128.load(pagesAt + at)],
    ...[...local.get(keyLocal), ...v128.load(keysAt + at), ...v128.xor],
  ]
  const add = (sum: number, multiply: readonly number[], word: number) => [
    ...[...local.get(sum), ...local.get(firstLocal), ...local.get(secondLocal), ...multiply, ...v128.addI64],
    ...[...local.get(word), ...v128.addI64, ...local.set(sum)],
  ]
  return [
    ...[...masked(offset), ...local.set(firstLocal)],
    ...[...masked(offset + pairBytes / 2), ...local.set(secondLocal)],
    ...add(low, v128.multiplyLow, firstLocal),
    ...add(high, v128.multiplyHigh, secondLocal),
  ]
}

function fold(sum: number, lane: number): number[] {
  return [
    ...[...local.get(hashLocal), ...local.get(sum), ...v128.laneI64(lane), ...i64.xor],
    ...[...i64.const(goldenRatio), ...i64.mul, ...local.tee(hashLocal)],
    ...[...local.get(hashLocal), ...i64.const(32n), ...i64.shrU, ...i64.xor, ...local.set(hashLocal)],
  ]
}

/** As many random bytes as a page has. */
export type PageKeys = Uint8Array

/**
 * A key of its own for each helper process, as evenly spread as the kernel's random numbers: who does not know it cannot
 * make two pages that collide, nor find out by what a host evicts.
 */
export function drawKeys(): PageKeys {
  return crypto.getRandomValues(new Uint8Array(pageBytes))
}

/** Puts the keys where the module reads them. Call it before the first hash. */
export function writeKeys(memory: ArrayBufferLike, keys: PageKeys): void {
  new Uint8Array(memory, keysAt, pageBytes).set(keys)
}

function simd(opcode: number): number[] {
  return [0xfd, ...unsigned(opcode)]
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value, 'latin1')]
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

/** LEB128, as all numbers of the format. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: bigint): number[] {
  const low = Number(value & 0x7fn)
  const rest = value >> 7n
  const isLast = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)
  return isLast ? [low] : [low | 0x80, ...signed(rest)]
}
