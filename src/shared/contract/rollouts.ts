// A staged roll-out of a policy over hosts: what was asked for, how far it is, and what became of each host.
import { z } from 'zod'
import { hostId } from './hosts.ts'
import { policySchema } from './policies.ts'
import { runMode } from './policy-runs.ts'
import { count, figure, instant, name, seconds } from './quantity.ts'

export const maxRolloutHosts = 1000
export const maxRollouts = 20
export const defaultRolloutPressureRatio = 0.2
const sentence = z.string().max(2048)

/** So many hosts, or a share of them: "1", "25%". Each stage holds those of the stages before it. */
export const rolloutStage = z
  .string()
  .max(5)
  .regex(
    /^(?:[1-9]\d{0,3}|(?:100|[1-9]\d?)%)$/,
    'is not a stage: write a number of hosts, or a share such as 25%',
  )

export const rolloutPlan = z.object({
  hostIds: z.array(hostId).min(1).max(maxRolloutHosts),
  policy: policySchema,
  /** Of the named policy, where it is one. */
  policyName: name.optional(),
  stages: z.array(rolloutStage).min(1).max(20),
  /** How long the guards of all hosts must hold at a stage before the next one begins. */
  waitSeconds: z.number().min(1).max(86_400),
  /** A host counts as tripped above this share of time with tasks waiting for memory, if it doubled since the start. */
  pressureRatio: figure.min(0.001).max(1).default(defaultRolloutPressureRatio),
})
export type RolloutPlan = z.infer<typeof rolloutPlan>

const rolloutHostState = z.enum([
  'waiting', // its stage has not come, or it is about to be started
  'starting',
  'running',
  'stopping',
  'restored', // the policy was stopped here and everything put back; a service runs its policy of before again
  'unconfirmed', // it was started here, and whether everything was put back could not be asked
  'replaced', // somebody stopped the policy here or gave the host another one, which was left alone
  'refused', // it could not be started here, so nothing was changed
  'ended', // the policy ended with the workbench
])
const rolloutHost = z.object({
  hostId,
  /** As it was called at the start. */
  name,
  /** Counts from 0. */
  stage: count,
  state: rolloutHostState,
  /** Why it is in this state, where that is not plain. */
  detail: sentence.optional(),
  /** service: the host's service runs the policy, and goes on without the workbench. Absent: not started yet. */
  mode: runMode.optional(),
  /** The service ran another policy before, which it goes back to when the roll-out stops. */
  goesBack: z.boolean().optional(),
})
export type RolloutHost = z.infer<typeof rolloutHost>

const rolloutState = z.enum(['running', 'stopping', 'stopped', 'done'])
export const rollout = z.object({
  id: z.string().min(1).max(64),
  plan: rolloutPlan.omit({ hostIds: true }),
  startedAt: instant,
  who: name,
  state: rolloutState,
  /** The stage under way, or the last one that was; counts from 0. */
  stage: count,
  /** For how long all its hosts have held. */
  heldSeconds: seconds,
  hosts: z.array(rolloutHost).max(maxRolloutHosts),
  /** Why it stops or was stopped. */
  why: sentence.optional(),
})
export type Rollout = z.infer<typeof rollout>

export const rollouts = z.object({ rollouts: z.array(rollout).max(maxRollouts) })
export const rolloutNaming = z.object({ id: z.string().min(1).max(64) })
