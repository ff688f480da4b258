// Draws the sample of guests' contents that a forecast across hosts compares. Reads guests' RAM, changes nothing, keeps nothing.
import type { ContentSampling, SampledContents } from '../../../src/shared/contract/content-sample.ts'
import { maxSampledHashes } from '../../../src/shared/contract/content-sample.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { findGuests } from '../guests/guests.ts'
import { type PreparedScan, prepareGuests } from '../identical-pages/scan/scan-guests.ts'
import { pageSize } from '../kernel/page-size.ts'
import { PresentPages, type PresentRun } from '../kernel/present-pages.ts'
import { ProcessMemoryFile } from '../kernel/process-mem.ts'
import { processProblem } from '../kernel/system-error.ts'
import { Pace } from '../pacing/pace.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import { BottomHashes } from './bottom-hashes.ts'

type SampledGuest = SampledContents['guests'][number]

const chunkPages = 64
const windowBytes = 16 * 2 ** 20

/** Of guests that KSM may merge. Throws `not-permitted`, `cancelled`. */
export async function sampleContents(
  { salt, perGuest }: ContentSampling,
  options: ScanOptions,
): Promise<SampledContents> {
  requirePrivilege("sample the contents of guests' RAM")
  const { guests, unreadable: leftOut } = await findGuests(options.root)
  const { prepared, unreadable: unprepared } = await prepareGuests(guests, options)
  const mergeable = prepared.filter(({ isMergeable }) => isMergeable)
  const most = Math.min(perGuest, Math.floor(maxSampledHashes / Math.max(1, mergeable.length)))
  const pace = new Pace(
    options,
    mergeable.reduce((sum, { presentPages }) => sum + presentPages, 0),
  )
  const sampled: SampledGuest[] = []
  const unreadable: Unreadable[] = [...leftOut, ...unprepared]
  for (const scan of mergeable) {
    try {
      sampled.push(await sampleGuest(scan, new GuestSampler(BigInt(`0x${salt}`), most), pace, options))
    } catch (error) {
      if (options.signal.aborted) throw error
      const problem = processProblem(error, `sample guest ${scan.guest.name} (pid ${scan.guest.pid})`)
      unreadable.push({ path: `/proc/${scan.guest.pid}`, problem: problem.toData() })
    }
  }
  return { pageSize, guests: sampled, unreadable }
}

async function sampleGuest(
  { guest, scan, presentPages }: PreparedScan,
  sampler: GuestSampler,
  pace: Pace,
  { root }: ScanOptions,
): Promise<SampledGuest> {
  const present = new PresentPages(root, guest.pid, undefined)
  const memory = new ProcessMemoryFile(root, guest.pid)
  try {
    for (const { start, end, mergeable, privateFile } of scan.mappings) {
      if (!mergeable) continue
      for (let from = start; from < end; from += windowBytes) {
        from = present.skipAbsent(from, end, windowBytes)
        const runs = present.list(from, Math.min(end, from + windowBytes), privateFile)
        for (const run of runs) if (!run.kernelZero && !run.file) sampler.readRun(run, memory)
        if (pace.advance(runs.reduce((sum, { pages }) => sum + pages, 0)))
          await pace.rest(`sampling guest ${guest.name}`)
      }
    }
  } finally {
    memory.close()
    present.close()
  }
  const { pid, name } = guest
  return { pid, name, residentBytes: presentPages * pageSize, ...sampler.finish() }
}

class GuestSampler {
  #pages = 0
  readonly #smallest: BottomHashes
  readonly #salt: bigint
  readonly #zero: bigint
  readonly #bytes = new Uint8Array(chunkPages * pageSize)
  readonly #views = Array.from({ length: chunkPages }, (_, page) =>
    this.#bytes.subarray(page * pageSize, (page + 1) * pageSize),
  )

  constructor(salt: bigint, most: number) {
    this.#salt = salt
    this.#smallest = new BottomHashes(most)
    this.#zero = hashOf(new Uint8Array(pageSize), salt)
  }

  /** Without pinning, so merges stay. A page that went away in the meantime is passed over. */
  readRun({ start, pages }: PresentRun, memory: ProcessMemoryFile): void {
    for (let done = 0; done < pages; ) {
      const wanted = Math.min(chunkPages, pages - done)
      const read = Math.floor(memory.read(start + done * pageSize, this.#bytes, wanted * pageSize) / pageSize)
      for (let page = 0; page < read; page += 1) {
        const hash = hashOf(this.#views[page] as Uint8Array, this.#salt)
        if (hash === this.#zero) continue
        this.#pages += 1
        this.#smallest.addHash(hash)
      }
      done += read < wanted ? read + 1 : read
    }
  }

  finish(): Pick<SampledGuest, 'pages' | 'hashes' | 'isComplete'> {
    const { hashes, isComplete } = this.#smallest.finish()
    return { pages: this.#pages, hashes: toBase64(hashes), isComplete }
  }
}

/** The same on every machine, unlike the hash of a scan, which is chosen by what the processor has. */
function hashOf(page: Uint8Array, salt: bigint): bigint {
  return Bun.hash.rapidhash(page, salt)
}

function toBase64(hashes: BigUint64Array): string {
  const bytes = Buffer.alloc(hashes.length * 8)
  hashes.forEach((hash, index) => {
    bytes.writeBigUInt64BE(hash, index * 8)
  })
  return bytes.toString('base64')
}
