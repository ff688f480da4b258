// For tests: a host made of files, with the KSM folder of a captured kernel.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChangeContext } from '../../helper/src/changes/change.ts'

export interface FixtureHost {
  readonly context: ChangeContext
  readonly logged: string[]
  readonly read: (file: string) => string
  readonly write: (file: string, text: string) => void
  /** All files of the KSM folder with their text. */
  readonly readAll: () => Record<string, string>
  readonly remove: () => void
}

export function makeFixtureHost(kernel: 'linux-6.1' | 'linux-6.12-advisor' | 'linux-6.18'): FixtureHost {
  const folder = mkdtempSync(join(tmpdir(), 'ksm-fixture-'))
  const root = { proc: join(folder, 'proc'), sys: join(folder, 'sys') }
  const ksm = join(root.sys, 'kernel/mm/ksm')
  const url = new URL(`../fixtures/ksm/${kernel}.json`, import.meta.url)
  mkdirSync(ksm, { recursive: true })
  mkdirSync(join(root.proc, '77'), { recursive: true })
  const files: Record<string, string> = JSON.parse(readFileSync(url, 'utf8'))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(ksm, file), text)
  writeFileSync(join(root.proc, 'meminfo'), meminfo(8_000_000, 4_000_000))
  writeFileSync(join(root.proc, '77/comm'), 'ksmd\n')
  writeFileSync(
    join(root.proc, '77/stat'),
    `77 (ksmd) S 2 0 0 0 -1 2129984 0 0 0 0 120 380 0 0 25 5 1 0 68 0 0\n`,
  )
  const logged: string[] = []
  const read = (file: string) => readFileSync(join(ksm, file), 'utf8').trim()
  return {
    context: {
      root,
      folders: { state: join(folder, 'state'), run: join(folder, 'run') },
      actor: { who: 'tester', from: 'local' },
      log: (line) => logged.push(line),
    },
    logged,
    read,
    write: (file, text) => writeFileSync(join(ksm, file), text),
    readAll: () => Object.fromEntries(readdirSync(ksm).map((file) => [file, read(file)])),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export function meminfo(totalKib: number, availableKib: number): string {
  const fields = {
    MemTotal: totalKib,
    MemFree: availableKib,
    MemAvailable: availableKib,
    Cached: 0,
    Dirty: 0,
    AnonPages: 0,
    SwapTotal: 0,
    SwapFree: 0,
  }
  return Object.entries(fields)
    .map(([name, kib]) => `${`${name}:`.padEnd(16)}${kib} kB\n`)
    .join('')
}
