import { describe, expect, it } from 'vitest'
import { Notifier, noticeText, socketAddress, watchdogMilliseconds } from './notify.ts'

describe('what systemd is told', () => {
  it.each([
    [{ ready: true }, 'READY=1'],
    [{ stopping: true, status: 'ends' }, 'STOPPING=1\nSTATUS=ends'],
    [{ watchdog: true }, 'WATCHDOG=1'],
    [{ status: 'a\nREADY=1\u0000b' }, 'STATUS=a READY=1 b'],
  ])('%j is %j', (notice, text) => expect(noticeText(notice)).toBe(text))

  it('has a status of a line of bounded length', () => {
    expect(noticeText({ status: 'x'.repeat(9000) }).length).toBeLessThan(600)
  })
})

describe('the address', () => {
  it('of a path ends with a zero, that of an abstract name begins with one', () => {
    expect([...(socketAddress('/run/n') ?? [])]).toEqual([1, 0, ...Buffer.from('/run/n\0')])
    expect([...(socketAddress('@ab') ?? [])]).toEqual([1, 0, ...Buffer.from('\0ab')])
  })

  it.each(['run/n', '', `/${'x'.repeat(107)}`, 'vsock:2:1'])('is none for %j', (path) =>
    expect(socketAddress(path)).toBeUndefined(),
  )
})

describe('the watchdog', () => {
  it.each([
    [{ WATCHDOG_USEC: '30000000' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, undefined],
    [{ WATCHDOG_USEC: 'soon' }, undefined],
    [{}, undefined],
  ])('waits by %j half of what systemd waits', (environment, expected) =>
    expect(watchdogMilliseconds(environment, 7)).toBe(expected),
  )
})

describe('a notifier', () => {
  it('sends nothing where systemd did not ask, and survives what cannot be sent', () => {
    const sent: string[] = []
    const logged: string[] = []
    const log = (line: string) => logged.push(line)
    new Notifier({}, () => sent.push('sent'), log).tell({ ready: true })
    new Notifier({ NOTIFY_SOCKET: '/n' }, (_, text) => sent.push(Buffer.from(text).toString()), log).tell({
      ready: true,
    })
    const refuse = () => {
      throw new Error('ENOENT')
    }
    new Notifier({ NOTIFY_SOCKET: '/n' }, refuse, log).tell({ watchdog: true })
    expect(sent).toEqual(['READY=1'])
    expect(logged).toEqual(['cannot tell systemd: ENOENT'])
  })
})
