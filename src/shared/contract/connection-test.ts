// A connection made step by step, to see where it fails: each step, its result, and the remedy.
import { z } from 'zod'
import { problemSchema } from '../problem.ts'
import { most } from './bounded.ts'
import { hostAddress, hostId } from './hosts.ts'
import { instant, name, seconds } from './quantity.ts'

/** In the order in which a connection goes through them; with jump hosts the first six once for each hop. */
export const connectionStages = [
  'configuration', // what the SSH configuration makes of the address
  'resolve', // name to address
  'tcp',
  'greeting', // the other side speaks SSH; which version
  'host-key',
  'login',
  'machine', // its processor and C library, and who we are there
  'root', // how the helper can be root
  'helper', // found, or uploaded, and started
  'capabilities', // what the helper finds it can do
  'sample', // a first reading
] as const
const connectionStage = z.enum(connectionStages)
export type ConnectionStage = z.infer<typeof connectionStage>

export const testStep = z.object({
  stage: connectionStage,
  /** The hop it was about: `user@host:port`, or the address as typed. */
  on: name,
  state: z.enum(['running', 'ok', 'failed', 'skipped']),
  /** Without the time that a person took to answer; absent while it runs and for skipped steps. */
  seconds: seconds.optional(),
  /** What was learned or tried, in order; why, for a skipped step. */
  facts: z.array(z.string().max(1024)).max(most.notes),
  problem: problemSchema.optional(),
})
export type TestStep = z.infer<typeof testStep>

/** A host that is kept, or an address that is not yet. */
export const testTarget = z.union([z.object({ hostId }), z.object({ address: hostAddress })])
export type TestTarget = z.infer<typeof testTarget>

export const connectionTest = z.object({
  address: name,
  at: instant,
  /** Every step that is not skipped ended well. */
  ok: z.boolean(),
  seconds,
  steps: z.array(testStep).max(most.steps),
})
export type ConnectionTest = z.infer<typeof connectionTest>
