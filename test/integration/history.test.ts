// The history database in its worker thread, with a real file.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fakeSample } from '../fakes/fake-sample.ts'
import { historyBed } from './history-bed.ts'

const bed = historyBed()

describe('history in its worker', () => {
  it('keeps samples over a restart, in files for its user only', async () => {
    const now = Date.now()
    const first = bed.open()
    const before = fakeSample({ at: 5, arrivedAt: now - 4000 })
    first.addSample('h', undefined, before)
    first.addSample('h', before, fakeSample({ at: 5, arrivedAt: now - 2000 }))
    await first.remembered('h')
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(bed.path + suffix).mode & 0o777).toBe(0o600)
    await first.close()
    const second = bed.open()
    const series = await second.series({
      hostId: 'h',
      from: now - 10_000,
      to: now,
      points: 100,
      metrics: ['freeBytes', 'helperCpuRatio'],
    })
    await second.close()
    expect(series.metrics).toEqual({ freeBytes: [4e8, 4e8], helperCpuRatio: [null, 0] })
    expect(bed.problems).toEqual([])
    expect(bed.health()).toBeUndefined()
  })

  it('answers while it is being written to, and refuses nonsense with a Problem', async () => {
    const history = bed.open()
    history.addSample('h', undefined, fakeSample({ at: Date.now() }))
    const query = { hostId: 'h', from: 0, to: Date.now() + 1, points: 10, metrics: [] }
    expect((await history.series(query)).at.length).toBe(1)
    await expect(history.series({ ...query, points: 0 })).rejects.toMatchObject({ code: 'bad-input' })
    await history.close()
    await expect(history.series(query)).rejects.toMatchObject({ code: 'gone' })
  })

  it('loses no more than the last second when the process is killed', async () => {
    const written = await bed.writeAndDie(join(import.meta.dirname, 'history-writer.ts'))
    expect(written).toBeGreaterThan(10)
    const history = bed.open()
    const { at } = await history.series({ hostId: 'h', from: 0, to: 1e6, points: 5000, metrics: [] })
    await history.close()
    expect(at.length).toBeGreaterThanOrEqual(written)
    expect(bed.problems).toEqual([])
  })
})
