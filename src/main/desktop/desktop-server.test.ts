import { describe, expect, it } from 'vitest'
import { desktopContract } from '../../shared/contract/index.ts'
import type { TextChannel } from '../../shared/text-channel.ts'
import type { Workbench } from '../workbench.ts'
import { serveDesktop } from './desktop-server.ts'

const methods = Object.keys(desktopContract)
/** Answers whatever the contract lets through. */
const workbench = {
  handlers: Object.fromEntries(methods.map((name) => [name, async () => ({})])),
  subscribe: () => () => undefined,
} as unknown as Workbench

class FakeChannel implements TextChannel {
  readonly sent: string[] = []
  isClosed = false
  hear: (text: string) => void = () => undefined
  readonly #closers: (() => void)[] = []

  send(text: string): void {
    this.sent.push(text)
  }

  onText(listener: (text: string) => void): void {
    this.hear = listener
  }

  onClose(listener: () => void): void {
    this.#closers.push(listener)
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    for (const listener of this.#closers) listener()
  }
}

function open(): FakeChannel {
  const channel = new FakeChannel()
  serveDesktop(channel, workbench)
  return channel
}

type Random = (below: number) => number

function randomFrom(seed: number): Random {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function randomMessage(random: Random): unknown {
  const pick = <T>(choices: readonly T[]): T => choices[random(choices.length)] as T
  const value = (depth = 0): unknown =>
    pick([
      null,
      true,
      0,
      -1,
      1e308,
      '',
      'x',
      '__proto__',
      [],
      {},
      ...(depth < 3
        ? [[value(depth + 1)], { token: value(depth + 1), value: value(depth + 1) }, { id: value(depth + 1) }]
        : []),
    ])
  const method = () => pick([...methods, '$/cancelRequest', '$/progress', '$/setTrace', value()])
  const message = {
    jsonrpc: random(8) ? '2.0' : value(),
    ...(random(3) && { id: value() }),
    ...(random(3) && { method: method() }),
    ...(random(2) && { params: value() }),
    ...(!random(4) && { result: value() }),
    ...(!random(4) && { error: value() }),
  }
  return random(10) ? message : value()
}

describe('serveDesktop', () => {
  it('survives 10,000 messages that make little sense, and serves the next page', async () => {
    const random = randomFrom(5)
    const nonsense = ['', '{', 'null', '"', '[[[[', '\u0000']
    let channel = open()
    let [answers, closed] = [0, 0]
    for (let count = 0; count < 10_000; count += 1) {
      channel.hear(random(200) ? JSON.stringify(randomMessage(random)) : (nonsense[random(6)] ?? ''))
      await new Promise((resolve) => setImmediate(resolve))
      if (!channel.isClosed) continue
      closed += 1
      answers += channel.sent.length
      channel = open()
    }
    // Both ways of taking them were tried.
    expect(answers).toBeGreaterThan(100)
    expect(closed).toBeGreaterThan(10)
    const next = open()
    next.hear(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'fleet/list', params: {} }))
    await expect.poll(() => next.sent).toEqual([JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} })])
  })
})
