// A method is a value: its schemas and its effect. Types follow from the schemas, never written twice.
import { z } from 'zod'

/** `observe` changes nothing on the host; `change` is refused for hosts in observe mode and read-only sessions. */
export type Effect = 'observe' | 'change'

export interface Method<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly params: P
  readonly result: R
  readonly effect: Effect
}

export type Contract = Readonly<Record<string, Method>>
export type Notifications = Readonly<Record<string, z.ZodType>>

export type Params<C extends Contract, M extends keyof C> = z.infer<C[M]['params']>
export type ParamsInput<C extends Contract, M extends keyof C> = z.input<C[M]['params']>
export type Result<C extends Contract, M extends keyof C> = z.infer<C[M]['result']>

/** Pure. The effect stands first, since it decides who may call it. */
export function method<P extends z.ZodType, R extends z.ZodType>(
  effect: Effect,
  params: P,
  result: R,
): Method<P, R> {
  return { effect, params, result }
}

/** No parameters, or no result. */
export const nothing = z.object({})
