import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from './open-database.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-history-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the file of the history', () => {
  it('is for its user alone, with those beside it, whatever its mode was before', () => {
    const path = join(folder, 'history.sqlite')
    const open = () =>
      openDatabase(path, (problem) => {
        throw problem
      })
    open().close()
    chmodSync(path, 0o644)
    const database = open()
    database.exec('CREATE TABLE written (at INTEGER); INSERT INTO written VALUES (1)')
    for (const name of ['', '-wal', '-shm']) expect(statSync(`${path}${name}`).mode & 0o777, name).toBe(0o600)
    database.close()
  })
})
