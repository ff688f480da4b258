// Stands before the workbench of replayed hosts and keeps answers from its pages, so that tests see what these show then.
import { z } from 'zod'
import type { ServedDesktop } from '../../../src/main/desktop/desktop-server.ts'
import type { DesktopContract } from '../../../src/shared/contract/index.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { Handlers } from '../../../src/shared/rpc.ts'

/** By names of methods; `*`: of all but those that are answered. */
export const gateOrder = z.object({
  /** Not answered, unless the next order releases them. */
  hold: z.array(z.string()).default([]),
  /** Answered with a Problem that says `refusal`. */
  fail: z.array(z.string()).default([]),
  answer: z.array(z.string()).default([]),
  /** What the order before held is answered as this one says. */
  release: z.boolean().default(false),
})
export type GateOrder = z.input<typeof gateOrder>

export const refusal = 'the test wants it so'

export interface AnswerGate extends ServedDesktop {
  /** For the next questions, and for those that it releases. */
  set(order: GateOrder): void
}

export function openAnswerGate(workbench: ServedDesktop): AnswerGate {
  let current = gateOrder.parse({})
  let released = Promise.withResolvers<void>()
  const isIn = (names: readonly string[], method: string) =>
    names.includes(method) || (names.includes('*') && !current.answer.includes(method))
  const handlers = new Proxy(workbench.handlers, {
    get: (known, method: keyof DesktopContract & string) => {
      const answer = known[method] as (...asked: readonly unknown[]) => Promise<unknown>
      if (!isIn(current.hold, method) && !isIn(current.fail, method)) return answer
      return async (...asked: readonly unknown[]) => {
        while (isIn(current.hold, method)) await released.promise
        if (!isIn(current.fail, method)) return await answer(...asked)
        throw new Problem('system', `cannot answer ${method}: ${refusal}`, { remedy: 'Ask again.' })
      }
    },
  }) as Handlers<DesktopContract>
  return {
    handlers,
    subscribe: (listener) => workbench.subscribe(listener),
    set: (order) => {
      const before = released
      released = Promise.withResolvers()
      current = gateOrder.parse(order)
      if (current.release) before.resolve()
    },
  }
}
