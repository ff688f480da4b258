// hosts.json: the hosts the person added. Parsed when read, replaced by rename when written.
import { watch } from 'node:fs'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type SavedHost, savedHost } from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'
import { withValue } from '../../shared/with-value.ts'
import { asidePath, keepAside, parseState, readStateText, writeStateFile } from '../state-files/state-file.ts'

const hostsFile = z.object({ version: z.literal(1), hosts: z.array(savedHost).max(10_000) })
/** What makes it our file, whatever its entries are. */
const anyHostsFile = z.object({ version: z.literal(1), hosts: z.array(z.unknown()).max(10_000) })

/** What survives of the settings: a file, or nothing for a single command of the command line. */
export interface HostStore {
  /** False: what is changed is forgotten with the process, so it is no event for the audit. */
  readonly lasting: boolean
  /** As they were when the store was opened. */
  readonly hosts: readonly SavedHost[]
  /** Why none is known, though there may be some: a newer workbench has written the file. */
  readonly unknown?: Problem
  /** As they are now, those of them that parse; undefined where the file does not, which changes nothing. */
  readonly read: () => Promise<readonly SavedHost[] | undefined>
  /**
   * Applies to what is in the file now: another process (the command line) may have changed it since.
   * Whoever makes several changes waits for each.
   */
  readonly change: (apply: (hosts: readonly SavedHost[]) => readonly SavedHost[]) => Promise<void>
  /** Tells of every change of the file, by whomever. Returns the way to stop. */
  readonly watch: (onChange: () => void) => () => void
}

/** A rename comes as several events. */
const settleMs = 100

/**
 * Reads nothing of a file that does not parse, and of others the entries that do. What cannot be used is kept aside, and
 * `onProblem` says where.
 */
export async function openHostsFile(
  directory: string,
  onProblem: (problem: Problem) => void,
): Promise<HostStore> {
  const path = join(directory, 'hosts.json')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  let unknown: Problem | undefined
  // The workbench starts without hosts that a newer one has saved; what would change that file is refused.
  const hosts = await readHosts(path, onProblem).catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code !== 'not-supported') throw error
    unknown = error
    onProblem(error)
    return []
  })
  return {
    lasting: true,
    hosts,
    ...withValue({ unknown }),
    read: () => readChanged(path, onProblem),
    change: async (apply) => writeHosts(path, apply(await readHosts(path, onProblem))),
    watch: (onChange) => watchHosts(directory, onChange, onProblem),
  }
}

/** The same hosts, but nothing is ever written. */
export function copyInMemory(store: HostStore): HostStore {
  const { hosts } = store
  return {
    lasting: false,
    hosts,
    read: async () => hosts,
    change: async () => undefined,
    watch: () => () => undefined,
  }
}

async function readChanged(
  path: string,
  onProblem: (problem: Problem) => void,
): Promise<readonly SavedHost[] | undefined> {
  try {
    const { hosts, refused } = parseHosts(path, await readFile(path, 'utf8'))
    if (refused.length > 0) {
      const remedy = 'The other hosts are shown. Repair the entry in the file, or add the host again.'
      onProblem(new Problem('bad-input', explainRefused(path, refused), { remedy }))
    }
    return hosts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (error instanceof Problem) {
      onProblem(error)
      return undefined
    }
    const remedy = 'The list shown stays as it was until the file can be read again.'
    onProblem(new Problem('bad-input', `cannot use ${path} as it is now`, { remedy, cause: error }))
    return undefined
  }
}

/** The folder is watched, since a rename puts another file in place. */
function watchHosts(
  directory: string,
  onChange: () => void,
  onProblem: (problem: Problem) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  const watcher = watch(directory, (_, name) => {
    if (name !== 'hosts.json') return
    clearTimeout(timer)
    timer = setTimeout(onChange, settleMs)
  })
  watcher.on('error', (error) => onProblem(asProblem(error, `cannot watch ${directory}`)))
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}

async function readHosts(path: string, onProblem: (problem: Problem) => void): Promise<readonly SavedHost[]> {
  const text = await readStateText(path)
  if (text === undefined) return []
  try {
    const { hosts, refused } = parseHosts(path, text)
    if (refused.length > 0) {
      const aside = asidePath(path)
      await copyFile(path, aside)
      await writeHosts(path, hosts)
      const remedy = `The file was kept as ${aside}; repair the entry there and move the file back, or add the host again.`
      onProblem(new Problem('bad-input', explainRefused(path, refused), { remedy }))
    }
    return hosts
  } catch (error) {
    if (error instanceof Problem || (error as NodeJS.ErrnoException).code !== undefined) throw error
    onProblem(await keepAside(path, error, 'repair it and move it back, or add the hosts again.'))
    return []
  }
}

interface ParsedHosts {
  readonly hosts: readonly SavedHost[]
  /** Why each of the others is none. */
  readonly refused: readonly string[]
}

/** One entry that breaks the contract costs that host. Throws where the file is none of ours. Pure. */
function parseHosts(path: string, text: string): ParsedHosts {
  const hosts: SavedHost[] = []
  const refused: string[] = []
  for (const [index, entry] of parseState(path, anyHostsFile, JSON.parse(text)).hosts.entries()) {
    const parsed = savedHost.safeParse(entry)
    if (parsed.success) hosts.push(parsed.data)
    else refused.push(`entry ${index + 1}: ${z.prettifyError(parsed.error)}`)
  }
  return { hosts, refused }
}

function explainRefused(path: string, refused: readonly string[]): string {
  return oneLine(`cannot use ${refused.length} of the hosts in ${path}: ${refused.join(', ')}`, 1000)
}

function writeHosts(path: string, hosts: readonly SavedHost[]): Promise<void> {
  return writeStateFile(path, hostsFile, { version: 1, hosts: [...hosts] })
}
