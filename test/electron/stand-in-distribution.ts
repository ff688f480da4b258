// A folder that electron-builder takes for an unpacked Electron: its files by name, and a program that only carries fuses.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPackage } from '@electron/asar'

/** Marks the fuses in Electron's program. Source: electron/fuses, src/constants.ts. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const fuses = 9

export async function writeStandInDistribution(folder: string): Promise<void> {
  const empty = join(folder, 'default-app')
  mkdirSync(empty, { recursive: true })
  mkdirSync(join(folder, 'dist/resources'), { recursive: true })
  writeFileSync(join(empty, 'main.js'), '')
  await createPackage(empty, join(folder, 'dist/resources/default_app.asar'))
  const wire = Buffer.concat([
    Buffer.from('#!/bin/sh\nexit 0\n'),
    Buffer.alloc(64),
    Buffer.from(sentinel),
    Buffer.from([1, fuses]),
    Buffer.from('1'.repeat(fuses)),
    Buffer.alloc(64),
  ])
  writeFileSync(join(folder, 'dist/electron'), wire, { mode: 0o755 })
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'version'])
    writeFileSync(join(folder, 'dist', name), 'stand-in')
}
