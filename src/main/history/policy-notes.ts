// What policies decided on a host, kept over sessions and restarts of the workbench.
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { type PolicyNote, policyNote } from '../../shared/contract/index.ts'
import { dropBefore } from './drop-before.ts'

/** A note as it is kept. `since` and `sequence` name the round of the host: a round that is told again is kept once. */
export interface KeptNote extends PolicyNote {
  readonly sequence: number
}

/** Of each host; the newest stay. */
export const maxNotes = 5000
const notesKeptMs = 90 * 86_400_000

export const noteTables = `
  CREATE TABLE IF NOT EXISTS policy_note (
    host INTEGER NOT NULL, since INTEGER NOT NULL, sequence INTEGER NOT NULL, text TEXT NOT NULL,
    at INTEGER NOT NULL, mode TEXT NOT NULL, PRIMARY KEY (host, since, sequence, text)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS policy_note_at ON policy_note (host, at);`

/** Those that are kept already stay as they are. */
export function addNotes(database: DatabaseSync, host: number, notes: readonly KeptNote[]): void {
  const statement = database.prepare(
    'INSERT OR IGNORE INTO policy_note (host, since, sequence, text, at, mode) VALUES (?, ?, ?, ?, ?, ?)',
  )
  for (const { since, sequence, text, at, mode } of notes)
    statement.run(host, Math.round(since), sequence, text, Math.round(at), mode)
}

/** The newest first. Rows that do not parse are left out. */
export function readNotes(database: DatabaseSync, host: number, limit: number): PolicyNote[] {
  const rows = database
    .prepare(
      `SELECT at, since, mode, text FROM policy_note WHERE host = ?
        ORDER BY at DESC, since DESC, sequence DESC LIMIT ?`,
    )
    .all(host, limit)
  return z
    .array(z.unknown())
    .parse(rows)
    .flatMap((row) => policyNote.safeParse(row).data ?? [])
}

/** Drops what is older than is kept. Blocks; part of a transaction. */
export function dropNotes(database: DatabaseSync, now: number): void {
  dropBefore(database, 'policy_note', now - notesKeptMs)
}
