// Old rows, found by key. The keys begin with the host: by the time alone every row of every host would be looked at.
import type { DatabaseSync } from 'node:sqlite'

/** In a condition beside one on `at`: lets SQLite search the key of a table, host by host. */
export const ofEachHost = 'host IN (SELECT id FROM host)'

/** Of a table whose key, or an index of it, begins with `host, at`. Blocks; part of a transaction. */
export function dropBefore(database: DatabaseSync, table: string, at: number): void {
  database.prepare(`DELETE FROM ${table} WHERE ${ofEachHost} AND at < ?`).run(at)
}
