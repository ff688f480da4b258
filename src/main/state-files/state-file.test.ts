import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { readStateFile, writeStateFile } from './state-file.ts'

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

const policy = z.strictObject({ version: z.literal(1).default(1), mode: z.string() })
const file = z.object({ version: z.literal(1), policies: z.array(policy) })

it.each([
  ['of a higher version', { version: 2, somehow: 'else' }, 'version'],
  [
    'with a part of a higher version',
    { version: 1, policies: [{ version: 7, mode: 3 }] },
    'policies.0.version',
  ],
  [
    'with keys that are not known',
    { version: 1, policies: [{ mode: 'a', b: 1, c: 2 }] },
    'policies.0.b, policies.0.c',
  ],
])('leaves a file where it is that is %s', async (_, value, unknown) => {
  const { path, problems, read, end } = write(value)
  try {
    await expect(read()).rejects.toMatchObject({
      code: 'not-supported',
      message: `cannot use ${path}: a newer workbench has written it`,
      remedy: expect.stringMatching(new RegExp(`does not know: ${unknown}$`)),
    })
    expect([problems, JSON.parse(readFileSync(path, 'utf8'))]).toEqual([[], value])
  } finally {
    end()
  }
})

it.each([
  ['of no version', { policies: [] }],
  ['of a version that never was', { version: 0, policies: [] }],
  ['damaged beside keys that are not known', { version: 1, policies: [{ mode: 7, b: 1 }] }],
])('keeps a file aside that is %s', async (_, value) => {
  const { path, problems, read, end } = write(value)
  try {
    expect(await read()).toBeUndefined()
    expect(problems).toEqual([expect.stringContaining(`cannot use ${path}`)])
  } finally {
    end()
  }
})

function write(value: unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-state-file-'))
  const path = join(folder, 'file.json')
  writeFileSync(path, JSON.stringify(value))
  const problems: string[] = []
  const read = () => readStateFile(path, file, ({ message }) => problems.push(message))
  return { path, problems, read, end: () => rmSync(folder, { recursive: true }) }
}
