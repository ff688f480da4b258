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
  it('starts empty and reads back what was saved, readable by the owner only', async () => {
    const store = await open()
    expect(store.hosts).toEqual([])
    await store.change(() => [host])
    expect((await open()).hosts).toEqual([host])
    expect(readdirSync(directory)).toEqual(['hosts.json'])
    expect(statSync(join(directory, 'hosts.json')).mode & 0o777).toBe(0o600)
    expect(problems).toEqual([])
  })

  it.each([
    ['not JSON', '{"version": 1, "hos'],
    ['no known version', '{"version": 0, "hosts": []}'],
  ])('keeps a file that is %s aside', async (_, text) => {
    writeFileSync(join(directory, 'hosts.json'), text)
    expect((await open()).hosts).toEqual([])
    const [aside = ''] = readdirSync(directory)
    expect(aside).toMatch(/^hosts\.json\.corrupt-/)
    expect(readFileSync(join(directory, aside), 'utf8')).toBe(text)
    expect(problems).toMatchObject([{ code: 'bad-input', remedy: expect.stringContaining('corrupt-') }])
  })

  it('leaves a file that a newer workbench has written where it is, and writes nothing over it', async () => {
    const newer = '{"version": 2, "hosts": "in another way"}'
    writeFileSync(join(directory, 'hosts.json'), newer)
    const store = await open()
    expect(store.hosts).toEqual([])
    expect(problems.map(({ code }) => code)).toEqual(['not-supported'])
    await expect(store.change(() => [host])).rejects.toMatchObject({ code: 'not-supported' })
    expect(readdirSync(directory)).toEqual(['hosts.json'])
    expect(readFileSync(join(directory, 'hosts.json'), 'utf8')).toBe(newer)
  })

  it('keeps the hosts beside an entry that breaks the contract, and the file as it was', async () => {
    const text = JSON.stringify({ version: 1, hosts: [host, { id: 3 }, { ...host, id: '2', name: 'beta' }] })
    writeFileSync(join(directory, 'hosts.json'), text)
    expect((await open()).hosts.map(({ name }) => name)).toEqual(['alpha', 'beta'])
    const aside = readdirSync(directory).find((file) => file !== 'hosts.json') ?? ''
    expect(readFileSync(join(directory, aside), 'utf8')).toBe(text)
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^cannot use 1 of the hosts in .*: entry 2: .*id/),
    ])
    // Said once: the file has only hosts from now on.
    expect((await open()).hosts).toHaveLength(2)
    expect(problems).toHaveLength(1)
    expect(readdirSync(directory)).toHaveLength(2)
  })

  it('keeps what another process saved in between', async () => {
    const first = await open()
    await (await open()).change((hosts) => [...hosts, host])
    await first.change((hosts) => [...hosts, { ...host, id: '2' }])
    expect((await open()).hosts.map(({ id }) => id)).toEqual(['1', '2'])
  })

  it('writes nothing through a copy in memory', async () => {
    const store = await open()
    await store.change(() => [host])
    const copy = copyInMemory(await open())
    await copy.change(() => [])
    expect((await open()).hosts).toEqual([host])
  })
})

it('tells of what another process saves, and keeps still about a file that does not parse', async () => {
  const store = await open()
  const seen: string[][] = []
  const look = async () => {
    const hosts = await store.read()
    if (hosts) seen.push(hosts.map(({ name }) => name))
  }
  const stop = store.watch(() => void look())
  try {
    await (await open()).change(() => [host])
    await expect.poll(() => seen.at(-1)).toEqual(['alpha'])
    writeFileSync(join(directory, 'hosts.json'), '{')
    await expect.poll(() => problems.length).toBe(1)
    expect(readdirSync(directory)).toEqual(['hosts.json'])
    expect(seen.at(-1)).toEqual(['alpha'])
  } finally {
    stop()
  }
})

it('writes nothing that it could not read again', async () => {
  const store = await open()
  await store.change(() => [host])
  const tooLong = store.change((hosts) => [...hosts, { ...host, tags: ['x'.repeat(65)] }])
  await expect(tooLong).rejects.toThrow(/cannot save/)
  expect((await open()).hosts).toEqual([host])
})
