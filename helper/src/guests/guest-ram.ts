// A guest's RAM: the mappings of its QEMU process that carry it, and what keeps KSM away from them.
import type { Reason } from '../../../src/shared/contract/quantity.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import type { Mapping } from '../kernel/smaps.ts'

// Video memory, ROMs and ACPI tables are RAM blocks too, of some megabytes; the guest's RAM comes in larger pieces.
const minRamBytes = 32 * 2 ** 20

export interface RamMapping {
  readonly start: number
  readonly end: number
  /** KSM looks at it: VmFlags `mg`, private, no hugetlb. */
  readonly mergeable: boolean
  readonly shared: boolean
  /** A private mapping of a file: pages that the guest has not written are the file's, and KSM leaves them alone. */
  readonly privateFile: boolean
}

/**
 * QEMU keeps every RAM block from being inherited by fork (VmFlags `dc`), and no other large memory of its own.
 * Where none is so marked, the largest anonymous mapping is taken.
 */
export function findRam(mappings: readonly Mapping[]): Mapping[] {
  const writable = mappings.filter((mapping) => mapping.permissions.startsWith('rw'))
  const blocks = writable.filter((mapping) => mapping.flags.has('dc') && !isDeviceMemory(mapping))
  const large = blocks.filter((mapping) => sizeOf(mapping) >= minRamBytes)
  if (large.length > 0) return large
  const candidates = blocks.length > 0 ? blocks : writable.filter(isAnonymous)
  return candidates.toSorted((a, b) => sizeOf(b) - sizeOf(a)).slice(0, 1)
}

/**
 * What KSM may merge beside a guest's RAM: video memory, ROMs, tables, and other memory of its process where that is
 * offered to KSM as a whole (PR_SET_MEMORY_MERGE). The kernel counts its merged pages like those of RAM.
 */
export function findOtherMergeable(mappings: readonly Mapping[], ram: readonly Mapping[]): Mapping[] {
  const isRam = new Set(ram)
  return mappings.filter(
    (mapping) =>
      mapping.inode === 0 &&
      mapping.permissions.startsWith('r') &&
      toRamMapping(mapping).mergeable &&
      !isRam.has(mapping),
  )
}

/** Whether KSM may merge a mapping: flag `mg`, private, and no hugetlb memory. */
export function toRamMapping(mapping: Mapping): RamMapping {
  const shared = isShared(mapping)
  const mergeable = mapping.flags.has('mg') && !shared && !isHugetlb(mapping)
  return {
    start: mapping.start,
    end: mapping.end,
    mergeable,
    shared,
    privateFile: mapping.inode !== 0 && !shared,
  }
}

/** Why parts of a guest's RAM cannot be merged, or at what price. Empty: nothing is in the way. */
export function explainRam(mappings: readonly Mapping[]): Reason[] {
  const reasons: Reason[] = []
  const add = (code: Reason['code'], of: readonly Mapping[], text: (size: string) => string) => {
    if (of.length > 0) reasons.push({ code, text: text(formatBytes(totalSize(of))) })
  }
  const shared = mappings.filter((mapping) => isShared(mapping) && !isHugetlb(mapping))
  const hugetlb = mappings.filter(isHugetlb)
  const privateFiles = mappings.filter((m) => m.inode !== 0 && !isShared(m) && !isHugetlb(m))
  const off = mappings.filter((m) => !m.flags.has('mg') && !isShared(m) && !isHugetlb(m))
  add('shared-ram', shared, (size) => `${size} of RAM are shared memory (share=on), which KSM never merges`)
  add('hugetlb-ram', hugetlb, (size) => `${size} of RAM are reserved huge pages, which KSM never merges`)
  add(
    'file-backed-ram',
    privateFiles,
    (size) => `${size} of RAM are a private mapping of a file: KSM merges only pages that were written`,
  )
  add('mem-merge-off', off, (size) => `${size} of RAM are not offered to KSM (mem-merge=off or merge=off)`)
  const hugeBytes = mappings.reduce((sum, mapping) => sum + mapping.anonHugePagesBytes, 0)
  if (hugeBytes > 0 && mappings.some((mapping) => mapping.flags.has('mg'))) {
    const text = `${formatBytes(hugeBytes)} lie in transparent huge pages, which merging splits`
    reasons.push({ code: 'huge-pages', text })
  }
  return reasons
}

/** In bytes. */
export function sizeOf(mapping: Pick<Mapping, 'start' | 'end'>): number {
  return mapping.end - mapping.start
}

/** In bytes. */
export function totalSize(mappings: readonly Mapping[]): number {
  return mappings.reduce((sum, mapping) => sum + sizeOf(mapping), 0)
}

function isShared(mapping: Mapping): boolean {
  return mapping.flags.has('sh')
}

function isHugetlb(mapping: Mapping): boolean {
  return mapping.flags.has('ht')
}

/** Registers of passed-through devices: reading them has effects. */
function isDeviceMemory(mapping: Mapping): boolean {
  return mapping.flags.has('pf') || mapping.flags.has('io')
}

function isAnonymous(mapping: Mapping): boolean {
  return mapping.inode === 0 && !mapping.name.startsWith('[heap') && !mapping.name.startsWith('[stack')
}
