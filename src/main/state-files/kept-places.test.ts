import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keptPlaces } from '../../shared/contract/index.ts'
import { listKeptPlaces, measureSetAside } from './kept-places.ts'

it('lists what is there, a database with what lies beside it and a folder with its files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-kept-'))
  try {
    mkdirSync(join(folder, 'experiments'))
    for (const [name, text] of [
      ['hosts.json', '12345'],
      ['history.sqlite', '123'],
      ['history.sqlite-wal', '1234'],
      ['experiments/a.json', '12'],
      ['experiments/b.json', '1'],
      ['something-else', '1'],
      ['history.sqlite.corrupt-2026-11-30T11-00-00', '1234567'],
      ['history.sqlite.corrupt-2026-11-30T11-00-00-wal', '12'],
    ] as const)
      writeFileSync(join(folder, name), text)
    expect(await listKeptPlaces(folder)).toEqual([
      { place: 'hosts.json', bytes: 5 },
      { place: 'history.sqlite', bytes: 7 },
      { place: 'experiments', bytes: 3 },
    ])
    expect(await measureSetAside(folder)).toEqual({ files: 2, bytes: 9 })
    expect(await listKeptPlaces(join(folder, 'nowhere'))).toEqual([])
    expect(await measureSetAside(join(folder, 'experiments'))).toBeUndefined()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('knows every file that main keeps in the data folder', () => {
  const main = join(import.meta.dirname, '..')
  const sources = readdirSync(main, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  )
  const kept = sources.flatMap((path) =>
    [
      ...readFileSync(join(main, path), 'utf8').matchAll(/join\((?:[\w.]+\.)?dataDirectory, '([^']+)'\)/g),
    ].map(([, name]) => name),
  )
  // saved-hosts.ts knows the folder by another name; `run` holds the socket of a browser shell that runs.
  const all = new Set([...kept, 'hosts.json'])
  expect([...all].filter((name) => name !== 'run').sort()).toEqual([...keptPlaces].sort())
})
