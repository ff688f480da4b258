// audit.jsonl in the workbench's data folder: one line for every change of a host, only ever appended to.
import { appendFile, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { type TrailEntry, type TrailQuery, trailEntry } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import { withValue } from '../../shared/with-value.ts'
import { writeProblem } from '../state-files/write-problem.ts'

export interface AuditTrail {
  /** Rejects before a change, not after it, where the change could not be written down. */
  readonly checkWritable: () => Promise<void>
  /** Resolves once it is on the disk. One write to the end of the file: several workbenches may write at once. */
  readonly append: (entries: readonly TrailEntry[]) => Promise<void>
  /** The newest `limit` that match, oldest first. Lines that do not parse (cut off by a full disk) are left out. */
  readonly list: (query: TrailQuery & { readonly limit: number }) => Promise<TrailEntry[]>
}

/** Older entries than this much of the file stay in it, for other tools. */
const listedBytes = 8 * 2 ** 20
/** Lines parsed before others get their turn. */
const linesAtOnce = 500
/** Lines of one write. */
const appendedAtOnce = 100
const longestText = 4096

/**
 * The trail in `audit.jsonl`, mode 600. Nothing is read or written before the first call. Writing rejects with
 * `out-of-space` or `system`; lines that cannot be read are passed over.
 */
export function openAuditTrail(dataDirectory: string): AuditTrail {
  const path = join(dataDirectory, 'audit.jsonl')
  const turns = new InTurn()
  const write = async (text: string) => {
    try {
      await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
      await appendFile(path, text, { mode: 0o600, flush: true })
    } catch (error) {
      const remedy = 'The workbench changes nothing on a host while it cannot record what it changes.'
      throw writeProblem(`cannot append to ${path}`, error, remedy)
    }
  }
  return {
    checkWritable: () => write(''),
    append: (entries) =>
      turns.run(async () => {
        for (let at = 0; at < entries.length; at += appendedAtOnce) {
          const some = entries.slice(at, at + appendedAtOnce)
          await write(some.map((entry) => `${JSON.stringify(shorten(entry))}\n`).join(''))
        }
      }),
    list: async ({ limit, ...query }) => {
      const lines = (await readTail(path)).split('\n')
      const found: TrailEntry[] = []
      for (let at = lines.length - 1; at >= 0 && found.length < limit; at -= 1) {
        const entry = parseLine(lines[at] ?? '')
        if (entry && matches(entry, query)) found.push(entry)
        if (at % linesAtOnce === 0) await breathe()
      }
      return found.reverse()
    },
  }
}

/** Pure. */
function matches(entry: TrailEntry, { hostId, text = '' }: TrailQuery): boolean {
  if (hostId !== undefined && entry.hostId !== hostId) return false
  const { host, who, from, action, target = '', before = '', after = '', outcome } = entry
  const hay = [host, who, from, action, target, before, after, outcome].join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word))
}

function shorten(entry: TrailEntry): TrailEntry {
  const { target, before, after, outcome, ...rest } = entry
  const short = (text: string) => text.slice(0, longestText)
  const texts = withValue({
    target: target && short(target),
    before: before && short(before),
    after: after && short(after),
  })
  return { ...rest, ...texts, outcome: short(outcome) }
}

function parseLine(line: string): TrailEntry | undefined {
  if (line === '') return undefined
  try {
    return trailEntry.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

async function readTail(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      const start = Math.max(0, size - listedBytes)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
      const text = buffer.toString('utf8', 0, bytesRead)
      // The first line of a tail is likely cut off.
      return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new Problem('system', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}
