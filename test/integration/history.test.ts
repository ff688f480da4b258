// The history database in its worker thread, with a real file.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHistory } from '../../src/main/history/history-database.ts'
import type { Problem } from '../../src/shared/problem.ts'
import { fakeSample } from '../fakes/fake-sample.ts'

let dataDirectory: string
let problems: Problem[]
const open = () => openHistory({ dataDirectory, onProblem: (problem) => problems.push(problem) })

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'singleton-history-'))
  problems = []
})
afterEach(() => rmSync(dataDirectory, { recursive: true }))

describe('history in its worker', () => {
  it('keeps samples over a restart', async () => {
    const now = Date.now()
    const first = open()
    first.addSample('h', undefined, fakeSample({ at: now - 4000 }))
    first.addSample('h', fakeSample({ at: now - 4000 }), fakeSample({ at: now - 2000 }))
    await first.close()
    const second = open()
    const series = await second.series({
      hostId: 'h',
      from: now - 10_000,
      to: now,
      points: 100,
      metrics: ['freeBytes', 'helperCpuRatio'],
    })
    await second.close()
    expect(series.metrics).toEqual({ freeBytes: [4e8, 4e8], helperCpuRatio: [null, 0] })
    expect(problems).toEqual([])
  })

  it('answers while it is being written to, and refuses nonsense with a Problem', async () => {
    const history = open()
    history.addSample('h', undefined, fakeSample({ at: Date.now() }))
    const query = { hostId: 'h', from: 0, to: Date.now() + 1, points: 10, metrics: [] }
    expect((await history.series(query)).at.length).toBe(1)
    await expect(history.series({ ...query, points: 0 })).rejects.toMatchObject({ code: 'bad-input' })
    await history.close()
    await expect(history.series(query)).rejects.toMatchObject({ code: 'gone' })
  })

  it('keeps a file that is no database aside and starts anew', async () => {
    writeFileSync(join(dataDirectory, 'history.sqlite'), 'this is not a database, but long enough to look at')
    const history = open()
    expect(await history.remembered('h')).toEqual({})
    await history.close()
    expect(problems).toMatchObject([{ code: 'bad-input', remedy: expect.stringContaining('.corrupt-') }])
    expect(readdirSync(dataDirectory).some((name) => name.includes('.corrupt-'))).toBe(true)
  })
})
