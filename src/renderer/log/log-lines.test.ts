import { describe, expect, it } from 'vitest'
import type { LogLine } from '../../shared/contract/index.ts'
import { filterLog, formatLog, mergeLog } from './log-lines.ts'

const line = (at: number, text: string, level: LogLine['level'] = 'info'): LogLine => ({
  at,
  hostId: 'a',
  level,
  text,
})

describe('log lines', () => {
  it('joins both lists in order without repeats', () => {
    const merged = mergeLog([line(1, 'a'), line(3, 'c')], [line(3, 'c'), line(2, 'b')])
    expect(merged.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
  })

  it('filters by level and text', () => {
    const lines = [line(1, 'helper deployed'), line(2, 'Helper ended', 'error'), line(3, 'slow', 'warning')]
    expect(filterLog(lines, 'HELPER', 'all')).toHaveLength(2)
    expect(filterLog(lines, '', 'warning').map(({ at }) => at)).toEqual([2, 3])
  })

  it('copies with instants of no time zone but UTC', () => {
    expect(formatLog([line(0, 'x', 'error')])).toBe('1970-01-01T00:00:00.000Z error x')
  })
})
