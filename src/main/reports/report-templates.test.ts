import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openReportTemplates } from './report-templates.ts'

const week = { name: 'week', format: 'csv', rangeMs: 7 * 86_400_000, tag: 'berlin' } as const

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-templates-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const names = (listed: readonly { readonly name: string; readonly builtIn: boolean }[]) =>
  listed.map(({ name, builtIn }) => `${builtIn ? 'built in: ' : ''}${name}`)

describe('templates of reports', () => {
  it('are kept over a restart, those of the person first', async () => {
    await openReportTemplates(folder).save(week)
    const listed = await openReportTemplates(folder).list()
    expect(names(listed)[0]).toBe('week')
    expect(names(listed).slice(1)).toEqual([
      'built in: For decision makers',
      'built in: For reviewers',
      'built in: Comparison of hosts',
    ])
    expect(listed[0]).toEqual({ ...week, builtIn: false })
  })

  it('replace one of the same name, also one that comes along, until they are removed', async () => {
    const templates = openReportTemplates(folder)
    await templates.save({ ...week, name: 'For reviewers' })
    expect(names(await templates.save({ ...week, name: 'For reviewers', format: 'json' }))).toEqual([
      'For reviewers',
      'built in: For decision makers',
      'built in: Comparison of hosts',
    ])
    expect((await templates.list())[0]?.format).toBe('json')
    const left = await templates.remove('For reviewers')
    expect(left.find(({ name }) => name === 'For reviewers')?.format).toBe('html')
    await expect(templates.remove('For reviewers')).rejects.toThrow(/cannot find a template/)
  })

  it('in a damaged file are told, and the file is left as it is', async () => {
    const path = join(folder, 'report-templates.json')
    writeFileSync(path, '{"version": 1, "templates": [{"name": ""}]}')
    const templates = openReportTemplates(folder)
    await expect(templates.list()).rejects.toThrow(/cannot use .*report-templates.json/)
    await expect(templates.save(week)).rejects.toThrow(/cannot use/)
    expect(readFileSync(path, 'utf8')).toContain('{"name": ""}')
  })
})
