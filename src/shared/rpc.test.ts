import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'
import { z } from 'zod'
import { method } from './contract/method.ts'
import { Problem } from './problem.ts'
import { callContract, type Handlers, serveContract } from './rpc.ts'

const contract = {
  double: method('observe', z.object({ value: z.number() }), z.object({ value: z.number() })),
  slow: method('observe', z.object({}), z.object({})),
  wrong: method('observe', z.object({}), z.object({ value: z.number() })),
  refuse: method('change', z.object({}), z.object({})),
}

function pair(handlers: Handlers<typeof contract>, onClient?: (close: () => void) => void) {
  const up = new PassThrough()
  const down = new PassThrough()
  const server = createMessageConnection(new StreamMessageReader(up), new StreamMessageWriter(down))
  const client = createMessageConnection(new StreamMessageReader(down), new StreamMessageWriter(up))
  serveContract(server, contract, handlers)
  server.listen()
  client.listen()
  onClient?.(() => client.dispose())
  return callContract(client, contract)
}

let aborted = false
const handlers: Handlers<typeof contract> = {
  double: async ({ value }, { reportProgress }) => {
    reportProgress({ step: 'doubling', fraction: 0.5 })
    return { value: value * 2 }
  },
  slow: (_, { signal }) =>
    new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        aborted = true
        reject(signal.reason)
      }),
    ),
  wrong: async () => ({ value: 'text' }) as never,
  refuse: async () => {
    throw new Problem('read-only', 'cannot scrub: observe mode', { remedy: 'switch changes on' })
  },
}
const call = pair(handlers)

describe('rpc', () => {
  it('parses params and results and reports progress', async () => {
    const steps: string[] = []
    const answer = await call('double', { value: 21 }, { onProgress: (p) => steps.push(p.step) })
    expect(answer).toEqual({ value: 42 })
    expect(steps).toEqual(['doubling'])
  })

  it('refuses params and results of the wrong type', async () => {
    await expect(call('double', { value: 'x' as never })).rejects.toMatchObject({ code: 'bad-input' })
    await expect(call('wrong', {})).rejects.toMatchObject({ code: 'protocol' })
  })

  it('carries a Problem across with its code and remedy', async () => {
    await expect(call('refuse', {})).rejects.toMatchObject({ code: 'read-only', remedy: 'switch changes on' })
  })

  it('cancels the handler by signal and by timeout', async () => {
    const controller = new AbortController()
    const pending = call('slow', {}, { signal: controller.signal })
    setTimeout(() => controller.abort(), 20)
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => aborted).toBe(true)
    await expect(call('slow', {}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timed-out' })
  })

  it('cancels quietly when the connection has closed by then', async () => {
    let close: (() => void) | undefined
    const callClosing = pair(handlers, (closeClient) => {
      close = closeClient
    })
    const controller = new AbortController()
    const pending = callClosing('slow', {}, { signal: controller.signal })
    close?.()
    controller.abort()
    await expect(pending).rejects.toBeInstanceOf(Problem)
  })
})
