// The host contract: what main asks of a helper over SSH or a child process. JSON-RPC 2.0, see ../rpc.ts.
import { z } from 'zod'
import { assessment, hostFacts } from './assessment.ts'
import { listOf, most } from './bounded.ts'
import { guestSwitch } from './guests.ts'
import { sample } from './history.ts'
import { ksmMerge, ksmStart, ksmStatus } from './ksm.ts'
import { type Method, method, type Notifications } from './method.ts'
import { scrubParams, scrubResult } from './page-cache.ts'
import { policyParams, policyPreview, policyPreviewParams, policyRound, policyStatus } from './policy-runs.ts'
import { count, instant, name, progress } from './quantity.ts'

/** Raised with every incompatible change of this file; unequal = deploy again, never negotiate. */
export const hostProtocol = 1

const nothing = z.object({})

/** Found by trying, never by comparing kernel versions. */
export const capabilities = z.object({
  pagemapScan: z.boolean(),
  pageFrames: z.boolean(),
  kpageflags: z.boolean(),
  cachestat: z.boolean(),
  guestMemory: z.boolean(),
  ksm: z.boolean(),
  ksmWritable: z.boolean(),
  ksmAdvisor: z.boolean(),
  ksmSmartScan: z.boolean(),
  pressure: z.boolean(),
})
export type Capabilities = z.infer<typeof capabilities>

export const hello = z.object({
  protocol: count,
  version: name,
  buildDigest: name,
  host: hostFacts,
  uid: count,
  readOnly: z.boolean(),
  capabilities,
  /** What is missing and which privilege or kernel would bring it. */
  limits: listOf(z.string().max(512), most.notes),
})
export type Hello = z.infer<typeof hello>

/** One change on a host, append-only at /var/lib/singleton-helper/audit.jsonl. */
export const auditEntry = z.object({
  at: instant,
  who: name,
  from: name,
  action: name,
  target: z.string().max(4096).optional(),
  before: z.string().max(4096).optional(),
  after: z.string().max(4096).optional(),
  outcome: z.string().max(4096),
})
export type AuditEntry = z.infer<typeof auditEntry>

export const hostContract = {
  hello: method('observe', nothing, hello),
  sample: method('observe', nothing, sample),
  assess: method('observe', nothing, assessment),
  'page-cache/plan': method('observe', scrubParams, scrubResult),
  'page-cache/scrub': method('change', scrubParams, scrubResult),
  'ksm/status': method('observe', nothing, ksmStatus),
  'ksm/start': method('change', ksmStart, ksmStatus),
  'ksm/stop': method('change', nothing, ksmStatus),
  'ksm/unmerge': method('change', nothing, ksmStatus),
  'ksm/merge': method('change', ksmMerge, guestSwitch),
  'ksm/restore': method('change', nothing, ksmStatus),
  'policies/preview': method('observe', policyPreviewParams, policyPreview),
  'policies/start': method('change', policyParams, policyStatus),
  /** Puts back what the policy changed. */
  'policies/stop': method('change', nothing, policyStatus),
  'policies/status': method('observe', nothing, policyStatus),
  'audit/list': method(
    'observe',
    z.object({ limit: count.max(10_000) }),
    listOf(auditEntry, most.auditEntries),
  ),
} satisfies Record<string, Method>
export type HostContract = typeof hostContract

/** Helper → main. */
export const hostNotifications = {
  /** Each round of the policy that this helper runs. */
  'policies/round': policyRound,
} satisfies Notifications
export type HostNotifications = typeof hostNotifications

/** Progress of a long method travels as `$/progress` with the token the caller passed. */
export { progress }
