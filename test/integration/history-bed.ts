// A folder with a history database in whatever state a test wants, and what the workbench says about it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach } from 'vitest'
import type { History } from '../../src/main/history/history.ts'
import { openHistory } from '../../src/main/history/history-database.ts'
import type { Problem } from '../../src/shared/problem.ts'

export interface HistoryBed {
  readonly folder: string
  readonly path: string
  /** What happened once. */
  readonly problems: Problem[]
  /** What keeps history from being kept now. */
  readonly health: () => Problem | undefined
  readonly open: (folder?: string) => History
  /** A file of an earlier schema, from its text in test/fixtures/history. */
  readonly restore: (fixture: string) => void
  readonly inspect: <T>(read: (database: DatabaseSync) => T) => T
  /** Kills the writer while it writes; resolves with how many rows it had said were safe. */
  readonly writeAndDie: (program: string) => Promise<number>
}

export function historyBed(): HistoryBed {
  let folder = ''
  let path = ''
  let health: Problem | undefined
  const problems: Problem[] = []
  const opened: History[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'singleton-history-'))
    path = join(folder, 'history.sqlite')
    health = undefined
    problems.length = 0
  })
  afterEach(async () => {
    for (const history of opened.splice(0)) await history.close()
    rmSync(folder, { recursive: true })
  })
  return {
    get folder() {
      return folder
    },
    get path() {
      return path
    },
    problems,
    health: () => health,
    open: (dataDirectory = folder) => {
      const history = openHistory({
        dataDirectory,
        onProblem: (problem) => problems.push(problem),
        onHealth: (problem) => {
          health = problem
        },
      })
      opened.push(history)
      return history
    },
    restore: (fixture) => {
      const database = new DatabaseSync(path)
      database.exec(readFileSync(join(import.meta.dirname, '../fixtures/history', fixture), 'utf8'))
      database.close()
    },
    inspect: (read) => {
      const database = new DatabaseSync(path, { readOnly: true })
      try {
        return read(database)
      } finally {
        database.close()
      }
    },
    writeAndDie: (program) => writeAndDie(program, folder),
  }
}

async function writeAndDie(program: string, folder: string): Promise<number> {
  const writer = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.split('\n').length > 20) writer.kill('SIGKILL')
  })
  await once(writer, 'exit')
  // The last line may be cut off.
  return Number(said.split('\n').at(-2))
}
