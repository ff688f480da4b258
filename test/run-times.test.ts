import { describe, expect, it } from 'vitest'
import { formatTimes, watchTime } from './run-times.ts'

const stages = [
  { stage: 'types', seconds: 20.4, busyRatio: 0.97, lanes: [] },
  {
    ...{ stage: 'integration', seconds: 1545, busyRatio: 0.801 },
    lanes: [
      { lane: 'integration', seconds: 1545 },
      { lane: 'beside', seconds: 900.4 },
    ],
  },
]

describe('the times of a run', () => {
  it('are those of its stages, of the lanes in them, and of its files, the slowest first', () => {
    const files = [
      { path: 'test/integration/ssh-root.test.ts', lane: 'beside', seconds: 31.6, passed: 1 },
      { path: 'test/integration/demo.test.ts', lane: 'integration', seconds: 210, passed: 1 },
    ]
    expect(formatTimes(stages, files)).toBe(
      [
        'stage        lane         seconds  processors busy',
        'types                          20             97 %',
        'integration                  1545             80 %',
        '             integration     1545',
        '             beside           900',
        '',
        'seconds  lane         slowest of 2 files',
        '    210  integration  test/integration/demo.test.ts',
        '     32  beside       test/integration/ssh-root.test.ts',
        '',
      ].join('\n'),
    )
  })

  it('name twenty files of more, and none where none ran', () => {
    const files = Array.from({ length: 30 }, (_, index) => ({
      ...{ path: `file-${index}`, lane: 'unit', seconds: index, passed: 1 },
    }))
    const text = formatTimes(stages, files)
    expect(text.match(/file-\d+/g)).toEqual(Array.from({ length: 20 }, (_, index) => `file-${29 - index}`))
    expect(text).toContain('slowest of 30 files')
    const without = formatTimes(stages, [])
    expect(without).toMatch(/integration +1545/)
    expect(without).not.toContain('slowest')
  })

  it('come with how busy all processors were', () => {
    const stop = watchTime()
    for (let until = performance.now() + 50; performance.now() < until; );
    const { seconds, busyRatio } = stop()
    expect(seconds).toBeGreaterThanOrEqual(0.05)
    expect(busyRatio).toBeGreaterThanOrEqual(0)
  })
})
