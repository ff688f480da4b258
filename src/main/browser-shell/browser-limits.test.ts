import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ConnectionLimit } from './connection-limit.ts'
import { FaultLog } from './fault-log.ts'

describe('ConnectionLimit', () => {
  it('ends the oldest connection that has proven nothing, and no proven one', () => {
    const limit = new ConnectionLimit(2)
    const [tab, first, second] = [new PassThrough(), new PassThrough(), new PassThrough()]
    limit.addSocket(tab)
    limit.markProven(tab)
    limit.addSocket(first)
    limit.addSocket(second)
    expect([tab.destroyed, first.destroyed, second.destroyed]).toEqual([false, true, false])
    expect(limit.size).toBe(2)
  })

  it('lets nobody in where all are proven', () => {
    const limit = new ConnectionLimit(1)
    const [tab, other] = [new PassThrough(), new PassThrough()]
    limit.addSocket(tab)
    limit.markProven(tab)
    limit.addSocket(other)
    expect([tab.destroyed, other.destroyed]).toEqual([false, true])
  })

  it('forgets what has closed', async () => {
    const limit = new ConnectionLimit(1)
    const gone = new PassThrough()
    limit.addSocket(gone)
    gone.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    expect(limit.size).toBe(0)
  })
})

describe('FaultLog', () => {
  it('writes one clean line each, and few a minute', () => {
    const lines: string[] = []
    let now = 0
    const log = new FaultLog(
      (line) => lines.push(line),
      () => now,
    )
    for (let fault = 0; fault < 100; fault += 1) log.write('it failed', new Error('a\n\u001b[2Jb\u202e'))
    expect(new Set(lines)).toEqual(new Set(['it failed: a b']))
    expect(lines.length).toBe(20)
    now = 60_000
    log.write('it failed', new Error('again'))
    expect(lines.at(-1)).toBe('it failed: again')
  })
})
