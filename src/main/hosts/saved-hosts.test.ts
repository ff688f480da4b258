import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SavedHost } from '../../shared/contract/index.ts'
import type { Problem } from '../../shared/problem.ts'
import { copyInMemory, openHostsFile } from './saved-hosts.ts'

const host: SavedHost = { id: '1', name: 'alpha', address: 'root@alpha', mode: 'observe', tags: [] }

let directory: string
let problems: Problem[]
const open = () => openHostsFile(directory, (problem) => problems.push(problem))

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'singleton-hosts-'))
  problems = []
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('openHostsFile', () => {
  it('starts empty and reads back what was saved, readable by the owner only', () => {
    const store = open()
    expect(store.hosts).toEqual([])
    store.change(() => [host])
    expect(open().hosts).toEqual([host])
    expect(readdirSync(directory)).toEqual(['hosts.json'])
    expect(statSync(join(directory, 'hosts.json')).mode & 0o777).toBe(0o600)
    expect(problems).toEqual([])
  })

  it.each([
    ['not JSON', '{"version": 1, "hos'],
    ['another shape', '{"version": 1, "hosts": [{"id": 3}]}'],
  ])('keeps a file that is %s aside', (_, text) => {
    writeFileSync(join(directory, 'hosts.json'), text)
    expect(open().hosts).toEqual([])
    const [aside = ''] = readdirSync(directory)
    expect(aside).toMatch(/^hosts\.json\.corrupt-/)
    expect(readFileSync(join(directory, aside), 'utf8')).toBe(text)
    expect(problems).toMatchObject([{ code: 'bad-input', remedy: expect.stringContaining('corrupt-') }])
  })

  it('keeps what another process saved meanwhile', () => {
    const first = open()
    open().change((hosts) => [...hosts, host])
    first.change((hosts) => [...hosts, { ...host, id: '2' }])
    expect(open().hosts.map(({ id }) => id)).toEqual(['1', '2'])
  })

  it('writes nothing through a copy in memory', () => {
    const store = open()
    store.change(() => [host])
    const copy = copyInMemory(open())
    copy.change(() => [])
    expect(open().hosts).toEqual([host])
  })
})
