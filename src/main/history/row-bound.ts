// How many marks are kept of one host: it says when its guests come and go, and policies begin.
import type { DatabaseSync } from 'node:sqlite'

/** The newest stay: years of a usual host. */
const maxMarks = 50_000
/** A host that told fewer since it was looked at is not looked at: it takes a walk through all that it has. */
const looksAfter = 1000

export class MarkBound {
  readonly #database: DatabaseSync
  readonly #most: number
  /** Since the last look, by the number of the host. */
  readonly #added = new Map<number, number>()

  constructor(database: DatabaseSync, most = maxMarks) {
    this.#database = database
    this.#most = most
  }

  noteAdded(host: number): void {
    this.#added.set(host, (this.#added.get(host) ?? 0) + 1)
  }

  /** Blocks; part of a transaction. Marks of one instant go together, or stay. */
  dropBeyond(): void {
    const statement = this.#database.prepare(
      `DELETE FROM mark WHERE host = ? AND at <
        (SELECT at FROM mark WHERE host = ? ORDER BY at DESC LIMIT 1 OFFSET ${this.#most - 1})`,
    )
    for (const [host, added] of this.#added) {
      if (added < looksAfter) continue
      statement.run(host, host)
      this.#added.delete(host)
    }
  }
}
