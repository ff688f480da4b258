// A JSON file of the data folder that the workbench writes itself: checked when read, replaced by rename when written.
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { asProblem, Problem } from '../../shared/problem.ts'
import { fileStamp } from '../../shared/time/wall-clock.ts'
import { newerFileProblem } from './newer-file.ts'
import { writeProblem } from './write-problem.ts'

/**
 * undefined: there is none, or it is damaged; then it is kept aside, and `onProblem` says where. Throws `system` where it cannot
 * be read, and `not-supported` for what a newer workbench has written: whoever reads before it writes does not write over it.
 */
export async function readStateFile<S extends z.ZodType>(
  path: string,
  schema: S,
  onProblem: (problem: Problem) => void,
): Promise<z.infer<S> | undefined> {
  const text = await readStateText(path)
  if (text === undefined) return undefined
  try {
    return parseState(path, schema, JSON.parse(text))
  } catch (error) {
    if (error instanceof Problem) throw error
    onProblem(await keepAside(path, error, repairWhileClosed))
    return undefined
  }
}

/** Throws `not-supported` for what a newer workbench has written, and a ZodError for what is damaged. Pure. */
export function parseState<S extends z.ZodType>(path: string, schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw newerFileProblem(path, value, parsed.error) ?? parsed.error
}

/** undefined: there is no such file. Throws `system` where it cannot be read. */
export async function readStateText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Problem('system', `cannot read ${path}: ${asProblem(error).message}`, { cause: error })
  }
}

const repairWhileClosed = 'repair it and move it back while the workbench is closed.'

/** In the names of damaged files that were set aside. */
export const asideMark = '.corrupt-'

/** Where what cannot be used of a file is kept. */
export function asidePath(path: string): string {
  return `${path}${asideMark}${fileStamp()}`
}

/** Moves a file that cannot be used aside and returns the problem; `repair` ends its remedy. */
export async function keepAside(path: string, error: unknown, repair: string): Promise<Problem> {
  const aside = asidePath(path)
  await rename(path, aside)
  const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
  const remedy = `It was kept as ${aside}; ${repair}`
  return new Problem('bad-input', `cannot use ${path}: ${why}`.slice(0, 1000), { remedy, cause: error })
}

/** Readable for its owner only. What cannot be read again does not replace what can. */
export async function writeStateFile<S extends z.ZodType>(
  path: string,
  schema: S,
  value: z.input<S>,
): Promise<void> {
  const checked = schema.safeParse(value)
  if (!checked.success) {
    const why = z.prettifyError(checked.error).slice(0, 1000)
    throw new Problem('bad-input', `cannot save ${path}: ${why}`)
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await replaceFile(path, `${JSON.stringify(value, null, 2)}\n`)
  } catch (error) {
    throw writeProblem(`cannot save ${path}`, error)
  }
}

/** Leaves no draft behind: a full disk would fill with them. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, text, { mode: 0o600, flush: true })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}
