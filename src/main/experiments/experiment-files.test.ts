// Records in the data folder that are damaged, of a newer workbench, or no files at all.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fakeExperiment, fakeHost, fakePlan } from '../../../test/fakes/fake-experiment.ts'
import { ExperimentFiles } from './experiment-files.ts'

const host = fakeHost({ web: [[100, 100]] })
const recordOf = (id: string) => ({ ...fakeExperiment(fakePlan({ pairs: 1 }), [host]), id })

let folder: string
let problems: string[]
let files: ExperimentFiles

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-records-'))
  problems = []
  files = new ExperimentFiles(folder, ({ message }) => problems.push(message))
  await files.write(recordOf('good'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const place = (name: string) => join(folder, 'experiments', name)
const readIds = async () => (await files.readAll()).map(({ experiment }) => experiment.id)

it('reads the others where one is no file', async () => {
  mkdirSync(place('folder.json'))
  expect(await readIds()).toEqual(['good'])
  expect(await readIds()).toEqual(['good'])
  expect(problems).toEqual([expect.stringContaining(place('folder.json'))])
})

it('leaves what a newer workbench has written where it is', async () => {
  const newer = JSON.stringify({ experiment: { ...recordOf('newer'), version: 2, plan: 'in another way' } })
  writeFileSync(place('newer.json'), newer)
  expect(await readIds()).toEqual(['good'])
  expect(await files.takeOver('newer', (kept) => kept)).toBeUndefined()
  expect(problems).toEqual([`cannot use ${place('newer.json')}: a newer workbench has written it`])
  expect(readFileSync(place('newer.json'), 'utf8')).toBe(newer)
})

it('leaves one where it is whose policy has a key that only a newer workbench knows', async () => {
  const record = recordOf('newer')
  const policy = { ...record.plan.arms[1].policy, unheardOf: true }
  const arms = [record.plan.arms[0], { ...record.plan.arms[1], policy }]
  const newer = JSON.stringify({ experiment: { ...record, plan: { ...record.plan, arms } } })
  writeFileSync(place('newer.json'), newer)
  expect(await readIds()).toEqual(['good'])
  expect(await files.takeOver('newer', (kept) => kept)).toBeUndefined()
  expect(problems).toEqual([`cannot use ${place('newer.json')}: a newer workbench has written it`])
  expect(readFileSync(place('newer.json'), 'utf8')).toBe(newer)
})

it.each([
  ['half written', '{"experiment":{"version":1,"id":"bad"'],
  ['empty', ''],
  ['no record', '[]'],
  ['with a phase of no arm', JSON.stringify({ experiment: recordOf('bad') }).replace('"arm":0', '"arm":7')],
])('keeps one aside that is %s', async (_, text) => {
  writeFileSync(place('bad.json'), text)
  expect(await readIds()).toEqual(['good'])
  expect(problems).toEqual([expect.stringContaining(`cannot use ${place('bad.json')}`)])
  expect(readdirSync(join(folder, 'experiments')).filter((name) => name.startsWith('bad.json'))).toEqual([
    expect.stringContaining('.corrupt-'),
  ])
})

it('takes no record for that of another', async () => {
  writeFileSync(place('false.json'), JSON.stringify({ experiment: recordOf('good') }))
  expect(await readIds()).toEqual(['good'])
  expect(await files.takeOver('false', (kept) => ({ ...kept, who: 'eve' }))).toBeUndefined()
  expect((await files.readAll())[0]?.experiment.who).toBe('root')
})
