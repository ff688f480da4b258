import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NamedPolicy } from '../../shared/contract/index.ts'
import type { Problem } from '../../shared/problem.ts'
import { Announcer } from '../announcer.ts'
import { PolicyLibrary } from './policy-library.ts'

const calm = '{ "scrub": { "mode": "adaptive" } }'
const bold = '{ "scrub": { "mode": "periodic" } }'

let folder: string
let library: PolicyLibrary
let told: NamedPolicy[][]
let problems: Problem[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-library-'))
  told = []
  problems = []
  library = openLibrary()
})
afterEach(() => rmSync(folder, { recursive: true }))

function openLibrary(): PolicyLibrary {
  const announcer = new Announcer()
  announcer.subscribe((name, value) => {
    if (name === 'policies/named') told.push((value as { policies: NamedPolicy[] }).policies)
  })
  return new PolicyLibrary({
    dataDirectory: folder,
    announce: announcer.announce,
    onProblem: (problem) => problems.push(problem),
  })
}

describe('named policies', () => {
  it('keep their versions, the newest of which counts, also for the next workbench', async () => {
    await library.save('nights', calm)
    const saved = await library.save('nights', bold)
    expect(saved).toMatchObject({ name: 'nights', version: 2, text: bold, author: userInfo().username })
    const next = openLibrary()
    expect(await next.list()).toEqual([saved])
    expect((await next.versions('nights')).map(({ version, text }) => [version, text])).toEqual([
      [1, calm],
      [2, bold],
    ])
    expect(told.map((policies) => policies.map(({ version }) => version))).toEqual([[1], [2]])
    expect(statSync(join(folder, 'policies.json')).mode & 0o777).toBe(0o600)
  })

  it('are left alone where a newer workbench has written them', async () => {
    const newer = JSON.stringify({ version: 2, policies: { nights: calm } })
    writeFileSync(join(folder, 'policies.json'), newer)
    for (const refused of [library.list(), library.save('days', bold)])
      await expect(refused).rejects.toMatchObject({ code: 'not-supported' })
    expect(readdirSync(folder)).toEqual(['policies.json'])
    expect(readFileSync(join(folder, 'policies.json'), 'utf8')).toBe(newer)
  })

  it('get no version for the same text, and drop the oldest beyond a hundred', async () => {
    for (let n = 0; n < 102; n += 1) await library.save('nights', n % 2 === 0 ? calm : bold)
    await library.save('nights', bold)
    const versions = await library.versions('nights')
    expect(versions).toHaveLength(100)
    expect([versions[0]?.version, versions.at(-1)?.version]).toEqual([3, 102])
  })

  it('are refused where the text is no policy, and nothing is written', async () => {
    await expect(library.save('nights', '{"scrub":{"mode":"adaptiv"}}')).rejects.toThrow(/scrub\.mode/)
    expect(readdirSync(folder)).toEqual([])
  })

  it('belong to hosts and tags, each of which has one', async () => {
    await library.save('nights', calm)
    await library.save('days', bold)
    await library.assign('nights', ['a', 'b'], ['web'])
    await library.assign('days', ['b'], ['web'])
    expect(await library.list()).toMatchObject([
      { name: 'days', hostIds: ['b'], tags: ['web'] },
      { name: 'nights', hostIds: ['a'], tags: [] },
    ])
    await library.remove('days')
    await expect(library.versions('days')).rejects.toMatchObject({ code: 'not-found' })
    await expect(library.assign('days', [], [])).rejects.toMatchObject({ code: 'not-found' })
  })

  it('that overlap in time are all kept', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => library.save(name, calm)))
    expect((await library.list()).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })

  it('of a file that does not parse are set aside, and it is said', async () => {
    writeFileSync(join(folder, 'policies.json'), '{"version":1,"policies":[{"name":""}]}')
    expect(await library.list()).toEqual([])
    const [problem] = problems
    expect(problem).toMatchObject({ code: 'bad-input' })
    const aside = readdirSync(folder).find((file) => file.startsWith('policies.json.corrupt-')) ?? 'none'
    expect(problem?.remedy).toContain(aside)
    expect(readFileSync(join(folder, aside), 'utf8')).toContain('"policies"')
    await library.save('nights', calm)
    expect(await library.list()).toHaveLength(1)
  })
})
