import { describe, expect, it } from 'vitest'
import { type Lane, type LaneContext, runLanes } from './lanes.ts'
import { chooseStages } from './stages.ts'

/** Parts that end when they are told to; what began and ended, in order. */
function stage(lanes: readonly Lane[], interruption = new AbortController().signal) {
  const events: string[] = []
  const ends = new Map<string, () => void>()
  const run = async (name: string) => {
    events.push(`${name} begins`)
    await new Promise<void>((resolve) => ends.set(name, resolve))
    events.push(`${name} ends`)
    return name
  }
  const context: LaneContext = { interruption, onLane: () => undefined }
  const done = runLanes(lanes, run, context)
  const end = async (name: string) => {
    ends.get(name)?.()
    // Whatever follows from it begins without a timer.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { events, end, done }
}

describe('lanes', () => {
  it('run beside each other, and the parts of each one after the other', async () => {
    const { events, end, done } = stage([['a', 'b'], ['c']])
    expect(events).toEqual(['a begins', 'c begins'])
    await end('a')
    expect(events.slice(2)).toEqual(['a ends', 'b begins'])
    await end('c')
    await end('b')
    expect(await done).toEqual(['a', 'b', 'c'])
  })

  it('let a part wait for one of another lane, and for none that is not there', async () => {
    const { events, end, done } = stage([
      ['a', 'b'],
      [
        { name: 'c', after: 'nowhere' },
        { name: 'd', after: 'a' },
      ],
    ])
    // It waits for a turn.
    await end('nothing')
    await end('c')
    expect(events).not.toContain('d begins')
    await end('a')
    expect(events).toContain('d begins')
    await end('b')
    await end('d')
    expect(await done).toEqual(['a', 'b', 'c', 'd'])
  })

  it('begin nothing after an interruption, and hang at no part that is never begun', async () => {
    const interruption = new AbortController()
    const { end, done } = stage([['a', 'b'], [{ name: 'c', after: 'b' }]], interruption.signal)
    interruption.abort()
    await end('a')
    expect(await done).toEqual(['a'])
  })

  it('hang at no part that fails', async () => {
    const run = (name: string) =>
      name === 'a' ? Promise.reject(new Error('a fails')) : Promise.resolve(name)
    const context: LaneContext = { interruption: new AbortController().signal, onLane: () => undefined }
    await expect(runLanes([['a'], [{ name: 'b', after: 'a' }]], run, context)).rejects.toThrow('a fails')
  })
})

describe('stages', () => {
  const names = (...asked: string[]) => chooseStages(new Set(asked)).map(({ name }) => name)

  it('have guests and screens in one, where both are asked for', () => {
    expect(names()).toEqual(['types', 'lint', 'unit', 'build', 'integration, e2e'])
    expect(names('types', 'lint', 'unit')).toEqual(['types', 'lint', 'unit'])
    expect(names('integration', 'build')).toEqual(['build', 'integration'])
    expect(names('build', 'e2e')).toEqual(['build', 'e2e'])
  })
})
