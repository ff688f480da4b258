// How many rows a table keeps of one host: marks say when guests come and go and policies begin, notes what policies decide.
import type { DatabaseSync } from 'node:sqlite'

interface Bound {
  /** Its key, or an index of it, begins with `host, at`. */
  readonly table: string
  /** The newest stay. */
  readonly most: number
}

/** A host that told fewer since it was looked at is not looked at: it takes a walk through all that it has. */
const looksAfter = 1000

export class RowBound {
  readonly #database: DatabaseSync
  readonly #bound: Bound
  /** Since the last look, by the number of the host. */
  readonly #added = new Map<number, number>()

  constructor(database: DatabaseSync, bound: Bound) {
    this.#database = database
    this.#bound = bound
  }

  noteAdded(host: number, rows = 1): void {
    // Nobody knows how many were added before this process began.
    this.#added.set(host, (this.#added.get(host) ?? looksAfter) + rows)
  }

  /** Blocks; part of a transaction. Rows of one instant go together, or stay. */
  dropBeyond(): void {
    const { table, most } = this.#bound
    const statement = this.#database.prepare(
      `DELETE FROM ${table} WHERE host = ? AND at <
        (SELECT at FROM ${table} WHERE host = ? ORDER BY at DESC LIMIT 1 OFFSET ${most - 1})`,
    )
    for (const [host, added] of this.#added) {
      if (added < looksAfter) continue
      statement.run(host, host)
      this.#added.set(host, 0)
    }
  }
}
