import { describe, expect, it } from 'vitest'
import { noTrial, stepTrial, type Trial } from './scrub-trial.ts'

/** Steps a second apart. Returns when it was tried, and the last state. */
function run(trial: Trial, from: number, to: number, prospect = { mayWin: true, costs: true }) {
  const tried: number[] = []
  let last = trial
  for (let now = from; now <= to; now += 1) {
    const step = stepTrial(last, { ...prospect, now, maxRestSeconds: 300 })
    if (step.reason === undefined) tried.push(now)
    last = step.trial
  }
  return { tried, last }
}

describe('a trial', () => {
  it('ends after half a minute, and is made again after a rest that doubles', () => {
    const { tried } = run(noTrial, 0, 950)
    const starts = tried.filter((now) => !tried.includes(now - 1))
    const ends = tried.filter((now) => !tried.includes(now + 1))
    expect(starts.map((from, at) => (ends[at] ?? 0) - from)).toEqual([30, 30, 30, 30, 30])
    const rests = starts.slice(1).map((from, at) => from - (ends[at] ?? 0))
    expect(rests).toEqual([61, 121, 241, 301])
  })

  it('goes on while it costs nothing', () => {
    expect(run(noTrial, 0, 200, { mayWin: true, costs: false }).tried).toHaveLength(201)
  })

  it('is not begun where nothing may be won, and ends where that shows', () => {
    expect(run(noTrial, 0, 100, { mayWin: false, costs: true }).tried).toEqual([])
    const { last } = run(noTrial, 0, 5)
    const { reason, trial } = stepTrial(last, { mayWin: false, costs: true, now: 6, maxRestSeconds: 300 })
    expect(reason).toContain('tried for 6 s')
    expect(trial.notBeforeSeconds).toBe(66)
  })
})
