// A helper link for unit tests: answers from a table, breaks on request.

import type { HelperLink, LinkOptions } from '../../src/main/helper-link/helper-link.ts'
import type { Hello, HostContract } from '../../src/shared/contract/index.ts'
import { Problem } from '../../src/shared/problem.ts'
import type { Call } from '../../src/shared/rpc.ts'
import { fakeSample } from './fake-sample.ts'

type Answers = { [M in keyof HostContract]?: (params: unknown) => unknown }

export const fakeHello: Hello = {
  protocol: 1,
  version: '0.0.0',
  buildDigest: 'fake',
  host: { hostname: 'fake', kernel: '6.1', pageSize: 4096, memTotalBytes: 1e9, memAvailableBytes: 5e8 },
  uid: 0,
  readOnly: true,
  capabilities: {
    pagemapScan: true,
    pageFrames: true,
    kpageflags: true,
    cachestat: true,
    guestMemory: true,
    ksm: true,
    ksmWritable: true,
    ksmAdvisor: false,
    ksmSmartScan: false,
    pressure: true,
  },
  limits: [],
}

export class FakeLink implements HelperLink {
  readonly hello: Hello
  readonly closed: Promise<Problem>
  readonly calls: string[] = []
  readonly options: LinkOptions
  readonly #end: (problem: Problem) => void
  readonly #answers: Answers

  constructor(options: LinkOptions, answers: Answers = {}, host = fakeHello.host) {
    this.options = options
    this.hello = { ...fakeHello, host, readOnly: options.readOnly }
    const { promise, resolve } = Promise.withResolvers<Problem>()
    this.closed = promise
    this.#end = resolve
    this.#answers = { sample: () => fakeSample(), ...answers }
  }

  readonly call: Call<HostContract> = async (method, params, { signal } = {}) => {
    this.calls.push(method)
    const answer = this.#answers[method]
    if (!answer) throw new Problem('not-supported', `the fake has no answer to ${method}`)
    const aborted = new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
    )
    // An answer that throws leaves nobody to hear of an abort later.
    aborted.catch(() => undefined)
    return (await Promise.race([answer(params), aborted])) as never
  }

  break(problem = new Problem('disconnected', 'the connection was reset')): void {
    this.#end(problem)
  }

  async close(): Promise<void> {
    this.#end(new Problem('disconnected', 'closed'))
  }
}
