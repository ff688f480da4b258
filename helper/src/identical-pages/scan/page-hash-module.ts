// A WebAssembly module that hashes pages with 128-bit instructions: a third faster than Bun's own hash, for a whole
// chunk of pages by one call, and without a BigInt for each.
//
// Each 64-bit sum takes, for every 32 bytes, the products of 32-bit words masked by keys (as NH and XXH3 do: a key for
// each place, so that order counts) and the masked words themselves (so that no word is lost where the other factor
// is zero). Eight sums are then folded into one by multiplying and shifting. Not cryptographic: see page-hash.ts.

const KEYS = 0
export const HASHES = 4096
export const PAGES = 8192
const PAGE_BYTES = 4096
const WASM_PAGE_BYTES = 65_536

/** For `pages` pages of 4 KiB: keys, hashes (8 bytes each) and pages lie one behind the other. */
export function memoryPagesFor(pages: number): number {
  return Math.ceil((PAGES + pages * PAGE_BYTES) / WASM_PAGE_BYTES)
}

// Types, sections and instructions by the names of the WebAssembly specification.
const I32 = 0x7f
const I64 = 0x7e
const V128 = 0x7b
const EMPTY_BLOCK = 0x40
const loop = [0x03, EMPTY_BLOCK]
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

const [COUNT, PAGE, KEY, OUT, HASH] = [0, 1, 2, 3, 4] as const
const SUMS = [5, 6, 7, 8] as const
const [FIRST, SECOND] = [9, 10] as const
const GOLDEN = 0x9e37_79b9_7f4a_7c15n
const UNROLLED = 4
const PAIR_BYTES = 32

/** The bytes of the module: it imports `page.memory` and exports `hash(count)`, for 1 page and more. */
export function pageHashModule(pages: number): Uint8Array<ArrayBuffer> {
  const memory = unsigned(memoryPagesFor(pages))
  const locals = [
    [3, I32],
    [1, I64],
    [6, V128],
  ]
  const code = [...list(locals), ...hashPages(), ...end]
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, 1, I32, 0]])),
    ...section(2, list([[...text('page'), ...text('memory'), 2, 1, ...memory, ...memory]])),
    ...section(3, list([[0]])),
    ...section(7, list([[...text('hash'), 0, 0]])),
    ...section(10, list([[...unsigned(code.length), ...code]])),
  ])
}

function hashPages(): number[] {
  return [
    ...loop,
    ...SUMS.flatMap((sum) => [...v128.zero, ...local.set(sum)]),
    ...[...i32.const(0), ...local.set(KEY)],
    ...loop,
    ...Array.from({ length: UNROLLED }, (_, i) => addPair(i * PAIR_BYTES, (i % 2) * 2)).flat(),
    ...[...local.get(PAGE), ...i32.const(UNROLLED * PAIR_BYTES), ...i32.add, ...local.set(PAGE)],
    ...[...local.get(KEY), ...i32.const(UNROLLED * PAIR_BYTES), ...i32.add, ...local.tee(KEY)],
    ...[...i32.const(PAGE_BYTES), ...i32.ltU, ...branchIf(0)],
    ...end,
    ...[...i64.const(GOLDEN), ...local.set(HASH)],
    ...SUMS.flatMap((sum) => [...fold(sum, 0), ...fold(sum, 1)]),
    ...[...local.get(OUT), ...local.get(HASH), ...i64.store(HASHES)],
    ...[...local.get(OUT), ...i32.const(8), ...i32.add, ...local.set(OUT)],
    ...[...local.get(COUNT), ...i32.const(1), ...i32.sub, ...local.tee(COUNT), ...branchIf(0)],
    ...end,
  ]
}

function addPair(offset: number, firstSum: number): number[] {
  const [low, high] = [SUMS[firstSum] ?? 0, SUMS[firstSum + 1] ?? 0]
  const masked = (at: number) => [
    ...[...local.get(PAGE), ...v128.load(PAGES + at)],
    ...[...local.get(KEY), ...v128.load(KEYS + at), ...v128.xor],
  ]
  const add = (sum: number, multiply: readonly number[], word: number) => [
    ...[...local.get(sum), ...local.get(FIRST), ...local.get(SECOND), ...multiply, ...v128.addI64],
    ...[...local.get(word), ...v128.addI64, ...local.set(sum)],
  ]
  return [
    ...[...masked(offset), ...local.set(FIRST)],
    ...[...masked(offset + PAIR_BYTES / 2), ...local.set(SECOND)],
    ...add(low, v128.multiplyLow, FIRST),
    ...add(high, v128.multiplyHigh, SECOND),
  ]
}

function fold(sum: number, lane: number): number[] {
  return [
    ...[...local.get(HASH), ...local.get(sum), ...v128.laneI64(lane), ...i64.xor],
    ...[...i64.const(GOLDEN), ...i64.mul, ...local.tee(HASH)],
    ...[...local.get(HASH), ...i64.const(32n), ...i64.shrU, ...i64.xor, ...local.set(HASH)],
  ]
}

/** As many random bytes as a page has. */
export type PageKeys = Uint8Array

/**
 * A key of its own for each helper process, as evenly spread as the kernel's random numbers: who does not know it cannot
 * make two pages that collide, nor find out by what a host evicts.
 */
export function drawKeys(): PageKeys {
  return crypto.getRandomValues(new Uint8Array(PAGE_BYTES))
}

export function writeKeys(memory: ArrayBufferLike, keys: PageKeys): void {
  new Uint8Array(memory, KEYS, PAGE_BYTES).set(keys)
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
