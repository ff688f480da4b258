import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Deadline } from '../../../src/shared/time/deadline.ts'
import { openQmp } from './qmp.ts'

const greeting = '{"QMP": {"version": {}, "capabilities": []}}\n'
type Answer = (request: { execute: string; id: number }) => string

/** A peer that greets and answers each request with what `answer` gives. */
function peer(first: string, answer: Answer): Duplex & { readonly asked: string[] } {
  const asked: string[] = []
  const stream = new Duplex({
    read: () => undefined,
    write(chunk, _, done) {
      const request = JSON.parse(String(chunk)) as { execute: string; id: number }
      asked.push(request.execute)
      const text =
        request.execute === 'qmp_capabilities' ? `{"return": {}, "id": ${request.id}}\n` : answer(request)
      // In two pieces, as a socket may bring it.
      stream.push(text.slice(0, 7))
      stream.push(text.slice(7))
      done()
    },
  })
  stream.push(first)
  return Object.assign(stream, { asked })
}

describe('QMP', () => {
  it('greets, answers, and passes events over', async () => {
    const socket = peer(greeting, ({ id }) => `{"event": "RESUME"}\n{"return": [1], "id": ${id}}\r\n`)
    const monitor = await openQmp(socket, '/q')
    expect(await monitor.execute('query-x')).toEqual([1])
    monitor.close()
    expect(socket.destroyed).toBe(true)
  })

  it.each([
    [
      'an error',
      ({ id }: { id: number }) =>
        `{"error": {"class": "GenericError", "desc": "no\\u001b[1m"}, "id": ${id}}\n`,
      'system',
      /: no$/,
    ],
    [
      'an unknown command',
      ({ id }: { id: number }) => `{"error": {"class": "CommandNotFound", "desc": "x"}, "id": ${id}}\n`,
      'not-supported',
      /query-x/,
    ],
    ['no JSON', () => 'Welcome\n', 'protocol', /is not JSON/],
    ['the reply to another', () => '{"return": {}, "id": 99}\n', 'protocol', /no reply/],
    ['neither result nor error', ({ id }: { id: number }) => `{"id": ${id}}\n`, 'protocol', /no reply/],
    ['a line without end', () => 'x'.repeat(9 * 2 ** 20), 'protocol', /more than any answer/],
    ['a flood of events', () => '{"event": "X"}\n'.repeat(20_000), 'protocol', /more than|events/],
  ] as const)('tells %s', async (_, answer, code, message) => {
    const monitor = await openQmp(peer(greeting, answer as Answer), '/q')
    await expect(monitor.execute('query-x')).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  it('says nothing to what does not greet as QMP does', async () => {
    const socket = peer('220 mail.example ESMTP\n', () => '')
    await expect(openQmp(socket, '/q')).rejects.toMatchObject({ code: 'protocol' })
    const other = peer('{"hello": 1}\n', () => '')
    await expect(openQmp(other, '/q')).rejects.toMatchObject({ code: 'protocol' })
    expect([...socket.asked, ...other.asked]).toEqual([])
  })

  it('times out where nobody greets, and is disconnected where it hangs up', async () => {
    const mute = peer('', () => '')
    const patience = { deadline: new Deadline(30), isWhole: true }
    const waiting = openQmp(mute, '/q', patience)
    await expect(waiting).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining('no QMP greeting'),
    })
    expect(mute.destroyed).toBe(true)
    const ended = peer('', () => '')
    ended.push(null)
    await expect(openQmp(ended, '/q')).rejects.toMatchObject({ code: 'disconnected' })
  })

  it('gives up a command without answer', async () => {
    const monitor = await openQmp(
      peer(greeting, () => ''),
      '/q',
    )
    await expect(monitor.execute('query-x', undefined, 20)).rejects.toMatchObject({ code: 'timed-out' })
  })

  it('gives up a command at the deadline of all monitors', async () => {
    const socket = peer(greeting, () => '')
    const monitor = await openQmp(socket, '/q', { deadline: new Deadline(50), isWhole: true })
    await expect(monitor.execute('query-x', undefined, 600_000)).rejects.toMatchObject({ code: 'timed-out' })
  })
})
