// Hosts that share a kernel are one machine: what is measured of it must not be added up once for each of them.
import type { Machine } from '../contract/assessment.ts'

export interface Once<T> {
  /** Items with equal keys are measured as one thing; undefined: nobody knows, so it stands alone. */
  readonly key: (item: T) => string | undefined
  readonly read: (item: T) => number | undefined
}

export interface Sum {
  readonly value: number
  /** Items that have the figure, those left out of the sum included. */
  readonly items: number
}

/** Of items with the same key the first one that has the figure counts. Pure. */
export function sumOnce<T>(items: readonly T[], { key, read }: Once<T>): Sum {
  const counted = new Set<string>()
  let value = 0
  let having = 0
  for (const item of items) {
    const figure = read(item)
    if (figure === undefined) continue
    having += 1
    const itsKey = key(item)
    if (itsKey !== undefined && counted.has(itsKey)) continue
    if (itsKey !== undefined) counted.add(itsKey)
    value += figure
  }
  return { value, items: having }
}

interface OnMachine {
  readonly machine?: Machine | undefined
}

/** What is measured of the whole kernel: memory, merged pages, ksmd. */
export function kernelKey({ machine }: OnMachine): string | undefined {
  return machine?.bootId
}

/** What is measured of guests and their images: hosts of one kernel may be containers, each with its own. */
export function guestsKey({ machine }: OnMachine): string | undefined {
  return machine?.pidNamespace === undefined ? undefined : `${machine.bootId} ${machine.pidNamespace}`
}

/** The first of `items` on the same kernel as `item`, if that is another one. */
export function firstOnSameMachine<T extends OnMachine>(items: readonly T[], item: T): T | undefined {
  const key = kernelKey(item)
  const first = key === undefined ? undefined : items.find((other) => kernelKey(other) === key)
  return first === item ? undefined : first
}
