// Rows of a host that is gone: another process that writes to the same file may not know yet that the host was removed.
import type { DatabaseSync } from 'node:sqlite'
import { tablesOfHosts } from './history-schema.ts'

/**
 * Drops them; else they would stay for ever, and be shown as those of the next host that gets the number. Blocks; part of a
 * transaction.
 */
export function dropOrphans(database: DatabaseSync): void {
  for (const table of tablesOfHosts)
    database.prepare(`DELETE FROM ${table} WHERE host IN (${orphansOf(table)})`).run()
}

/** From each host of the key to the next: all rows would be looked at otherwise. */
function orphansOf(table: string): string {
  return `
    WITH RECURSIVE host_of_row (id) AS (
      SELECT min(host) FROM ${table}
      UNION ALL
      SELECT (SELECT min(host) FROM ${table} WHERE host > host_of_row.id) FROM host_of_row WHERE id IS NOT NULL)
    SELECT id FROM host_of_row WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM host)`
}
