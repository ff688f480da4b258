// The resident service of a host: a unit of systemd that runs a policy without anyone connected. docs/service.md.
import { z } from 'zod'
import { objectOf } from './object-of.ts'
import { policySchema } from './policies.ts'
import { name, path, pid } from './quantity.ts'

const serviceStates = [
  'unsupported', // no systemd here
  'absent',
  'starting',
  'running',
  'stopping',
  'stopped',
  'failed',
] as const

const serviceProgram = objectOf(() => ({ version: name, buildDigest: name, path }))

export const serviceStatus = objectOf(() => ({
  state: z.enum(serviceStates),
  /** What the service says of itself, why it failed, or why there can be none. */
  note: z.string().max(1024).optional(),
  /** Started at boot. */
  enabled: z.boolean().optional(),
  pid: pid.optional(),
  /** What the unit runs. */
  program: serviceProgram.optional(),
  /** What a roll-back goes to. */
  previous: serviceProgram.optional(),
  /** Whether the unit runs the build of the helper that answers; absent: none is installed. */
  isThisBuild: z.boolean().optional(),
  /** Whether there is a policy for it to run. */
  hasPolicy: z.boolean(),
  /** Where a policy file lies that could not be used, for people to mend; absent: there is none. */
  brokenPolicy: path.optional(),
}))
export type ServiceStatus = z.infer<typeof serviceStatus>

/** What changes the service of a host: the methods below `service/`. */
export const serviceActs = ['install', 'upgrade', 'rollback', 'remove'] as const
export type ServiceAct = (typeof serviceActs)[number]

/** `policy` absent: the policy file stays as it is; where there is none, the service waits for one. */
export const serviceInstall = z.object({
  policy: policySchema.optional(),
  /** Whether a policy file of the host that says something else gives way. Absent: refused as `other-policy`. */
  replace: z.boolean().optional(),
})
export type ServiceInstall = z.infer<typeof serviceInstall>
