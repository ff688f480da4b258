import { describe, expect, it } from 'vitest'
import { pick } from '../../../test/fuzz/pick.ts'
import type { TextChannel } from '../../shared/channel/text-channel.ts'
import { desktopContract } from '../../shared/contract/index.ts'
import { createRandom, type Random } from '../../shared/statistics/random.ts'
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

function randomMessage(random: Random): unknown {
  const one = <T>(of: readonly T[]): T => pick(of, random)
  const value = (depth = 0): unknown =>
    one([
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
  const method = () => one([...methods, '$/cancelRequest', '$/progress', '$/setTrace', value()])
  const message = {
    jsonrpc: random.below(8) ? '2.0' : value(),
    ...(random.below(3) && { id: value() }),
    ...(random.below(3) && { method: method() }),
    ...(random.below(2) && { params: value() }),
    ...(!random.below(4) && { result: value() }),
    ...(!random.below(4) && { error: value() }),
  }
  return random.below(10) ? message : value()
}

describe('serveDesktop', () => {
  it('survives 10,000 messages that make little sense, and serves the next page', async () => {
    const random = createRandom(5)
    const nonsense = ['', '{', 'null', '"', '[[[[', '\u0000']
    let channel = open()
    let [answers, closed] = [0, 0]
    for (let count = 0; count < 10_000; count += 1) {
      channel.hear(
        random.below(200) ? JSON.stringify(randomMessage(random)) : (nonsense[random.below(6)] ?? ''),
      )
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
