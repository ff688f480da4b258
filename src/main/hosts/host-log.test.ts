import { describe, expect, it } from 'vitest'
import { HostLog } from './host-log.ts'

describe('HostLog', () => {
  it('keeps the beginning of a flood, and says afterwards how much was left out', () => {
    const announced: unknown[] = []
    let now = 0
    const log = new HostLog(
      'h',
      (_name, line) => announced.push(line),
      () => now,
    )
    for (let line = 0; line < 10_000; line += 1) log.write('info', `line ${line}`)
    expect(announced.length).toBe(200)
    now = 1_000
    log.write('error', 'the end')
    expect(
      log
        .list()
        .slice(-3)
        .map(({ level, text }) => [level, text]),
    ).toEqual([
      ['info', 'line 199'],
      ['warning', '9800 lines were left out: too many at once'],
      ['error', 'the end'],
    ])
    expect(announced.length).toBe(202)
  })
})
