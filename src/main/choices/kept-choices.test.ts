import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../shared/problem.ts'
import { Choices } from './kept-choices.ts'

let folder: string
let told: unknown[]
let problems: Problem[]
const open = () =>
  new Choices({
    dataDirectory: folder,
    announce: (_name, value) => void told.push(value),
    onProblem: (problem) => void problems.push(problem),
  })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-choices-'))
  told = []
  problems = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('what a person chose', () => {
  it('is there at the next start, and told to every page', async () => {
    const choices = open()
    await Promise.all([choices.choose('color-scheme', 'dark'), choices.choose('keys-off', 'yes')])
    await choices.choose('keys-off', undefined)
    expect(told.at(-1)).toEqual({ choices: { 'color-scheme': 'dark' } })
    expect(await open().list()).toEqual({ 'color-scheme': 'dark' })
    expect(statSync(join(folder, 'choices.json')).mode & 0o777).toBe(0o600)
  })

  it('is none where the file is damaged, which is kept aside and told', async () => {
    const path = join(folder, 'choices.json')
    writeFileSync(path, '{ "version": 1, "choices": { "Not a name": 1 } }')
    const choices = open()
    expect(await choices.list()).toEqual({})
    expect(problems.map(({ code }) => code)).toEqual(['bad-input'])
    await choices.choose('color-scheme', 'light')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      version: 1,
      choices: { 'color-scheme': 'light' },
    })
  })

  it('is left alone where a newer workbench has written it', async () => {
    const path = join(folder, 'choices.json')
    const newer = '{ "version": 2, "choices": ["another", "way"] }'
    writeFileSync(path, newer)
    const choices = open()
    expect(await choices.list()).toEqual({})
    expect(problems.map(({ code }) => code)).toEqual(['not-supported'])
    await expect(choices.choose('color-scheme', 'light')).rejects.toMatchObject({ code: 'not-supported' })
    expect(readFileSync(path, 'utf8')).toBe(newer)
  })

  it('stays as it was where it cannot be written', async () => {
    const choices = open()
    await choices.choose('color-scheme', 'dark')
    await expect(choices.choose('fleet-views', 'x'.repeat(300_000))).rejects.toMatchObject({
      code: 'bad-input',
    })
    expect(await choices.list()).toEqual({ 'color-scheme': 'dark' })
    expect(told).toHaveLength(1)
  })
})
