// A program that calls itself Chromium and answers with what is no answer: printing fails, and the workbench goes on.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { printWithChromium } from './print-pdf.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-chromium-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  ['text that is no JSON', "printf 'oh no\\0' >&4; exec sleep 60", 'protocol'],
  ['JSON of another shape', 'printf \'{"id":"x","error":7}\\0\' >&4; exec sleep 60', 'protocol'],
  [
    'an answer to something else',
    'printf \'{"id":1,"result":{"targetInfos":7}}\\0\' >&4; exec sleep 60',
    'protocol',
  ],
  ['an error', 'printf \'{"id":1,"error":{"message":"no"}}\\0\' >&4; exec sleep 60', 'protocol'],
  ['nothing, and ends', 'exit 3', 'system'],
])('%s', async (_, acts, code) => {
  const program = join(folder, 'chromium')
  writeFileSync(program, `#!/bin/sh\n${acts}\n`)
  chmodSync(program, 0o755)
  const printing = printWithChromium(folder)('<p>figures</p>', new AbortController().signal)
  await expect(printing).rejects.toMatchObject({ code })
})
