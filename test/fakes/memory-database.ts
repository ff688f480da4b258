import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../../src/main/history/open-database.ts'

/** An empty history in memory; what keeps it from its work is thrown. */
export function openMemoryDatabase(): DatabaseSync {
  return openDatabase(':memory:', (problem) => {
    throw problem
  })
}
