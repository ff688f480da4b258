import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { writeStateFile } from './state-file.ts'

it('leaves no draft of a file that cannot be written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-state-file-'))
  try {
    mkdirSync(join(folder, 'taken', 'inside'), { recursive: true })
    await expect(writeStateFile(join(folder, 'taken'), z.string(), 'text')).rejects.toThrow('cannot save')
    expect(readdirSync(folder)).toEqual(['taken'])
    await writeStateFile(join(folder, 'free'), z.string(), 'text')
    expect(readdirSync(folder)).toEqual(['free', 'taken'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
