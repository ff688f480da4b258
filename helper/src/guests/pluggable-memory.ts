// Memory that a guest may be given while it runs, as its command line tells: what QEMU maps for it is no RAM yet.
import { optionValues, parseOption } from './qemu-command-line.ts'

export interface PluggableMemory {
  readonly virtioMem: readonly VirtioMem[]
  /** What `maxmem` allows in all, where there are slots for DIMMs; 0: there are none. */
  readonly maxBytes: number
}

/** A virtio-mem device: QEMU maps all that it may ever plug. */
export interface VirtioMem {
  readonly sizeBytes: number
  /** Plugged from the start. Later changes (`qom-set requested-size`) do not show on the command line. */
  readonly requestedBytes: number
}

/** Devices that are plugged while the guest runs are not on its command line. */
export function findPluggable(args: readonly string[]): PluggableMemory {
  const sizes = new Map(
    optionValues(args, 'object')
      .map(parseOption)
      .map(({ id, size }) => [id, size]),
  )
  const virtioMem = optionValues(args, 'device')
    .map(parseOption)
    .flatMap(({ driver = '', ...device }) => {
      const sizeBytes = parseSize(sizes.get(device.memdev))
      if (!driver.startsWith('virtio-mem') || sizeBytes === undefined) return []
      return [{ sizeBytes, requestedBytes: parseSize(device['requested-size']) ?? 0 }]
    })
  // QEMU joins what is given in several.
  const memory = parseOption(optionValues(args, 'm').join(','))
  const maxBytes = Number(memory.slots ?? 0) > 0 ? parseSize(memory.maxmem, mebibyte) : undefined
  return { virtioMem, maxBytes: maxBytes ?? 0 }
}

export interface RamBlock {
  readonly sizeBytes: number
  readonly presentBytes: number
}

export interface RamSize {
  readonly ramBytes: number
  /** Absent: nothing can be plugged, as far as its command line tells. */
  readonly pluggableBytes?: number
}

/**
 * How much of what is mapped as RAM the guest has. Of a virtio-mem device that is what it was given at first, or what is
 * present where that is more: its guest may have been given more since, and has touched that much of it.
 */
export function measureRam(blocks: readonly RamBlock[], pluggable: PluggableMemory): RamSize {
  const mappedBytes = blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const left = blocks.toSorted((a, b) => a.presentBytes - b.presentBytes)
  let unpluggedBytes = 0
  for (const { sizeBytes, requestedBytes } of pluggable.virtioMem) {
    const at = left.findIndex((block) => block.sizeBytes === sizeBytes)
    const [block] = at < 0 ? [] : left.splice(at, 1)
    if (block) unpluggedBytes += Math.max(0, sizeBytes - Math.max(requestedBytes, block.presentBytes))
  }
  const pluggableBytes = unpluggedBytes + Math.max(0, pluggable.maxBytes - mappedBytes)
  return { ramBytes: mappedBytes - unpluggedBytes, ...(pluggableBytes > 0 && { pluggableBytes }) }
}

const mebibyte = 2 ** 20
const units: Readonly<Record<string, number>> = {
  b: 1,
  k: 2 ** 10,
  m: mebibyte,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
}

/**
 * QEMU's sizes: a number, also hexadecimal, and a unit's letter; without one in `plainUnit`. undefined: none, or not one
 * of these. Source: `qemu_strtosz`.
 */
function parseSize(text: string | undefined, plainUnit = 1): number | undefined {
  const [, number, unit] = /^(0x[\da-f]+|\d+(?:\.\d+)?)([bkmgtp]?)$/i.exec(text ?? '') ?? []
  if (number === undefined) return undefined
  const bytes = Number(number) * (unit ? (units[unit.toLowerCase()] ?? 1) : plainUnit)
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined
}
