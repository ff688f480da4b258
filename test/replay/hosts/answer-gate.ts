// Stands before the workbench of replayed hosts and keeps answers from its pages, so that tests see what these show then.
import { z } from 'zod'
import type { ServedDesktop } from '../../../src/main/desktop/desktop-server.ts'
import type { DesktopContract } from '../../../src/shared/contract/index.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { Handlers } from '../../../src/shared/rpc.ts'

/** By names of methods; `*`: of all but those that are answered. */
export const gateOrder = z.object({
  /** Never answered. */
  hold: z.array(z.string()).default([]),
  /** Answered with a Problem that says `refusal`. */
  fail: z.array(z.string()).default([]),
  answer: z.array(z.string()).default([]),
})
export type GateOrder = z.input<typeof gateOrder>

export const refusal = 'the test wants it so'

export interface AnswerGate extends ServedDesktop {
  /** From the next question on. */
  set(order: GateOrder): void
}

export function openAnswerGate(workbench: ServedDesktop): AnswerGate {
  let current = gateOrder.parse({})
  const isIn = (names: readonly string[], method: string) =>
    names.includes(method) || (names.includes('*') && !current.answer.includes(method))
  const handlers = new Proxy(workbench.handlers, {
    get: (known, method: keyof DesktopContract & string) => {
      if (isIn(current.hold, method)) return () => new Promise(() => undefined)
      if (isIn(current.fail, method))
        return async () => {
          throw new Problem('system', `cannot answer ${method}: ${refusal}`, { remedy: 'Ask again.' })
        }
      return known[method]
    },
  }) as Handlers<DesktopContract>
  return {
    handlers,
    subscribe: (listener) => workbench.subscribe(listener),
    set: (order) => {
      current = gateOrder.parse(order)
    },
  }
}
