// Policies that the workbench keeps by name: their versions, and the hosts and tags that they are meant for.
import { z } from 'zod'
import { hostId, hostTag } from './hosts.ts'
import { instant, name } from './quantity.ts'

/** Versions beyond this are dropped, the oldest first. */
export const maxPolicyVersions = 100
export const maxNamedPolicies = 100
const maxAssigned = 10_000

const policyName = z.string().trim().min(1).max(64)
/** As its author wrote it; parsed when it is saved and again when it is used. */
const policyText = z
  .string()
  .min(2)
  .max(64 * 1024)

export const policyVersion = z.object({
  /** Counts from 1 and is never used twice for one name. */
  version: z.int().positive(),
  /** By the workbench's clock. */
  at: instant,
  author: name,
  text: policyText,
})
export type PolicyVersion = z.infer<typeof policyVersion>

/** Its newest version, and what it is assigned to. */
export const namedPolicy = policyVersion.extend({
  name: policyName,
  /** A host belongs to one policy at most; its own assignment goes before those of its tags. */
  hostIds: z.array(hostId).max(maxAssigned),
  tags: z.array(hostTag).max(maxAssigned),
})
export type NamedPolicy = z.infer<typeof namedPolicy>

export const namedPolicies = z.object({ policies: z.array(namedPolicy).max(maxNamedPolicies) })

export const policySaving = z.object({ name: policyName, text: policyText })
export const policyNaming = z.object({ name: policyName })
export const policyAssigning = namedPolicy.pick({ name: true, hostIds: true, tags: true })
/** The oldest first. */
export const policyVersions = z.object({ versions: z.array(policyVersion).max(maxPolicyVersions) })
