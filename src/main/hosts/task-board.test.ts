import { describe, expect, it } from 'vitest'
import { quiet } from '../../../test/fakes/quiet.ts'
import { TaskBoard } from './task-board.ts'

const order = { hostId: 'h', kind: 'assess', title: 'Assess' } as const

describe('TaskBoard', () => {
  it('shows a task while it runs and tells when it ended', async () => {
    const said: string[] = []
    const board = new TaskBoard((name) => said.push(name))
    const work = board.run(order, quiet, async ({ reportProgress }) => {
      reportProgress({ step: 'hashing', fraction: 0.5 })
      return board.list('h')
    })
    expect(await work).toMatchObject([{ title: 'Assess', progress: { step: 'hashing', fraction: 0.5 } }])
    expect(board.list('h')).toEqual([])
    expect(said).toEqual(['task/changed', 'task/changed', 'task/ended'])
  })

  it('runs one heavy act per host at once, beside others and beside connecting', async () => {
    const board = new TaskBoard(() => undefined)
    const hold = Promise.withResolvers<void>()
    const first = board.run(order, quiet, () => hold.promise)
    await expect(board.run(order, quiet, async () => 1)).rejects.toMatchObject({ code: 'busy' })
    expect(await board.run({ ...order, hostId: 'other' }, quiet, async () => 2)).toBe(2)
    expect(await board.run({ ...order, kind: 'connect' }, quiet, async () => 3)).toBe(3)
    hold.resolve()
    await first
    expect(await board.run(order, quiet, async () => 4)).toBe(4)
  })

  it('cancels by id', async () => {
    const board = new TaskBoard(() => undefined)
    const run = board.run(
      order,
      quiet,
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    board.cancel(board.list('h')[0]?.id ?? '')
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    expect(() => board.cancel('nobody')).toThrow(/ended/)
  })
})
