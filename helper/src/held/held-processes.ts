// Processes that kept a helper from going on: noted by its watch, and left alone by all helpers from then on. Forgotten by
// a reboot.
import { appendFileSync, closeSync, constants } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { instant, pid } from '../../../src/shared/contract/quantity.ts'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { makePrivateFolder, openState, readState, type StateFolders } from '../changes/state-folders.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readNamespace } from '../kernel/namespaces.ts'

const noteSchema = z.object({ pid, startTime: z.string().max(32), owner: z.string().max(64), at: instant })
export type HeldNote = z.infer<typeof noteSchema>

/** One process may be unlucky; whoever has so many of them starts another one each time. */
const maxOfOwner = 3
/** Each costs a helper ten seconds: nobody gets there. */
const maxNotes = 4096

function notesPath(folders: StateFolders): string {
  return join(folders.run, 'held-up.jsonl')
}

/** Throws where the folder is not ours to write. */
export function noteHeld(folders: StateFolders, note: HeldNote): void {
  makePrivateFolder(folders.run)
  const fd = openState(notesPath(folders), constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)
  try {
    appendFileSync(fd, `${JSON.stringify(note)}\n`)
  } finally {
    closeSync(fd)
  }
}

export class HeldProcesses {
  readonly #notes: readonly HeldNote[]
  readonly #path: string

  private constructor(notes: readonly HeldNote[], path: string) {
    this.#notes = notes
    this.#path = path
  }

  /** Those that root's helpers noted; a helper that is not root reads none. A line that is damaged counts for nothing. */
  static read(folders: StateFolders): HeldProcesses {
    const path = notesPath(folders)
    const text = process.geteuid?.() === 0 ? readState(path) : undefined
    const lines = (text ?? '').split('\n').slice(0, maxNotes)
    return new HeldProcesses(lines.flatMap(parseNote), path)
  }

  /** Nothing is noted: no process need be told from others. */
  get isEmpty(): boolean {
    return this.#notes.length === 0
  }

  /** Why a process's memory is not looked at; undefined: it may be. */
  explain(process: Omit<HeldNote, 'at'>): string | undefined {
    const isThis = (note: HeldNote) => note.pid === process.pid && note.startTime === process.startTime
    const remedy = `end it, or remove ${this.#path}`
    if (this.#notes.some(isThis)) return `a helper that read its memory was held up by it (${remedy})`
    const ofOwner = this.#notes.filter(({ owner }) => owner === process.owner).length
    if (process.owner === hostsRoot || ofOwner < maxOfOwner) return undefined
    return `${ofOwner} processes of its owner (${process.owner}) held a helper up that read their memory (${remedy})`
  }
}

/** Root of the host itself, whose processes are never left out together. */
const hostsRoot = 'root'

/** Whose doing a process is: a user's, or, where it is root's, its container's. */
export function ownerOf(root: KernelRoot, pid: number, uid: number): string {
  if (uid !== 0) return `uid ${uid}`
  try {
    const mounts = readNamespace(root, pid, 'mnt')
    return mounts === readNamespace(root, 'self', 'mnt') ? hostsRoot : `root of ${mounts}`
  } catch {
    // It has ended.
    return hostsRoot
  }
}

function parseNote(line: string): HeldNote[] {
  const parsed = noteSchema.safeParse(parseJson(line))
  return parsed.success ? [parsed.data] : []
}
