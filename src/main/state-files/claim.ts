// One process at a time decides who keeps a file of the data folder: what it has read, no other changes before it has
// written.
import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseJson } from '../../shared/parsing/parse-json.ts'
import { findKeeper, isAlive, keeper } from './keeper.ts'
import { writeProblem } from './write-problem.ts'

/**
 * Runs `work` while no other process runs one under the same path, and returns whether it did: another process that
 * decides at this moment is not waited for. What one left that has ended is taken over. Without /proc nobody is told
 * apart, and without hard links nothing is placed: `work` runs there all the same. Rejects with a Problem.
 */
export async function withClaim(path: string, work: () => Promise<void>): Promise<boolean> {
  const self = await findKeeper()
  if (self === undefined) {
    await work()
    return true
  }
  const text = JSON.stringify(self)
  let placed = await placeClaim(path, text)
  if (placed === 'taken' && (await removeStaleClaim(path))) placed = await placeClaim(path, text)
  if (placed === 'taken') return false
  try {
    await work()
  } finally {
    if (placed === 'placed') await rm(path, { force: true })
  }
  return true
}

const noHardLinks: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** A link appears with its content and fails where one is, both at once. */
async function placeClaim(path: string, text: string): Promise<'placed' | 'taken' | 'impossible'> {
  const draft = `${path}.${randomUUID()}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
    await link(draft, path)
    return 'placed'
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return 'taken'
    if (syscall === 'link' && noHardLinks.has(code)) return 'impossible'
    throw writeProblem(`cannot claim ${path}`, error)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Whether the claim has gone: its process has ended, or has just decided. */
async function removeStaleClaim(path: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`
  try {
    const text = await readFile(path, 'utf8')
    if (await isAlive(keeper.safeParse(parseJson(text)).data)) return false
    await rename(path, aside)
    // Another process may have placed its own between the two looks: give that back.
    if ((await readFile(aside, 'utf8')) !== text) await link(aside, path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code === 'EEXIST') return false
    throw writeProblem(`cannot claim ${path}`, error)
  } finally {
    await rm(aside, { force: true })
  }
}
