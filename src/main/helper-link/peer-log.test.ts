import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { followPeerLog } from './peer-log.ts'
import { parseSaid } from './run-script.ts'

describe('the helper log', () => {
  it('has lines without control characters, of bounded length', async () => {
    const stderr = new PassThrough()
    const lines: string[] = []
    followPeerLog(stderr, (_, text) => lines.push(text))
    stderr.end(`\u001b[31mred\u001b[0m\n${'x'.repeat(5000)}\n`)
    await expect.poll(() => lines).toEqual(['red', 'x'.repeat(2048)])
  })

  it('joins lines that come in pieces, and keeps the last ones', async () => {
    const stderr = new PassThrough()
    const lines: string[] = []
    const log = followPeerLog(stderr, (_, text) => lines.push(text))
    for (const text of ['one\ntw', 'o\nthr', 'ee']) stderr.write(text)
    stderr.end()
    await expect.poll(() => lines).toEqual(['one', 'two', 'three'])
    expect(log.tail()).toContain('one | two | three')
  })

  it('drops a flood, and says so once', async () => {
    const stderr = new PassThrough()
    const lines: [string, string][] = []
    followPeerLog(stderr, (level, text) => lines.push([level, text]))
    for (let index = 0; index < 1000; index += 1) stderr.write(`${'x'.repeat(1000)}\n`)
    stderr.end()
    await new Promise((resolve) => stderr.once('end', resolve))
    const kept = lines.reduce((sum, [, text]) => sum + text.length, 0)
    expect(kept).toBeLessThan(80 * 1024)
    expect(lines.filter(([level]) => level === 'warning')).toHaveLength(1)
  })
})

describe('what scripts say', () => {
  it('is told from noise around it', () => {
    const said = parseSaid(
      'Welcome\nsingleton:uid=0\r\nsingleton:a=1\nsingleton:a=2=3\nxsingleton:b=1\nsingleton:c\n',
    )
    expect([...said]).toEqual([
      ['uid', ['0']],
      ['a', ['1', '2=3']],
    ])
  })
})
