// bun:ffi as unit tests find it under Node: modules load, and a system call says that it cannot be made here.

const callable: Readonly<Record<string, () => number>> = { getpagesize: () => 4096 }

export const FFIType = { i64_fast: 'i64_fast' }

export function dlopen(_: string, signatures: object) {
  const refuse = (name: string) => () => {
    throw new Error(`cannot call ${name}: unit tests run without the C library`)
  }
  return {
    symbols: Object.fromEntries(
      Object.keys(signatures).map((name) => [name, callable[name] ?? refuse(name)]),
    ),
  }
}

/** No address: only calls, which are refused, would follow it. */
export function ptr(): number {
  return 0
}

export const read = { i32: (): number => 0 }

export function toArrayBuffer(): ArrayBuffer {
  throw new Error('cannot view memory: unit tests run without the C library')
}
