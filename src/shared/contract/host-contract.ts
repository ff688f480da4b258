// The host contract: what main asks of a helper over SSH or a child process. JSON-RPC 2.0, see ../rpc.ts.
import { z } from 'zod'
import { assessment, hostFacts } from './assessment.ts'
import { auditEntry } from './audit-entry.ts'
import { listOf, most } from './bounded.ts'
import { capacityReading } from './capacity-reading.ts'
import { contentSampling, sampledContents } from './content-sample.ts'
import { guestSwitch } from './guests.ts'
import { sample, sampling } from './history.ts'
import { ksmMerge, ksmStart, ksmStatus } from './ksm.ts'
import { mapCells, mapPage, mapPageQuery, mapTaking, mapView, memoryMap } from './memory-map.ts'
import { type Method, method, type Notifications, nothing } from './method.ts'
import { objectOf } from './object-of.ts'
import { scrubParams, scrubResult } from './page-cache.ts'
import {
  policyPreview,
  policyPreviewParams,
  policyRound,
  policyStartParams,
  policyStatus,
} from './policy-runs.ts'
import { count, name, progress } from './quantity.ts'
import { serviceInstall, serviceStatus } from './service.ts'

/** Raised with every incompatible change of this file; unequal = deploy again, never negotiate. */
export const hostProtocol = 1

/** Found by trying, never by comparing kernel versions. */
export const capabilities = objectOf(() => ({
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
}))
export type Capabilities = z.infer<typeof capabilities>

export const hello = objectOf(() => ({
  protocol: count,
  version: name,
  buildDigest: name,
  host: hostFacts,
  uid: count,
  readOnly: z.boolean(),
  capabilities,
  /** What is missing and which privilege or kernel would bring it. */
  limits: listOf(z.string().max(512), most.notes),
}))
export type Hello = z.infer<typeof hello>

/**
 * Holds for every method: times are by the host's clock, units stand in the names of fields, and a field that is absent was
 * not reported by this kernel or to this user (`limits` of `hello` says why). What could not be read stands beside the
 * results in `unreadable`. Any method fails with `timed-out`, `disconnected`, `protocol`, or `cancelled` on request.
 * A `change` also fails with `read-only` in observe mode, `busy` while another process holds the host's lock or governs
 * the same settings, `not-permitted` without root, and `out-of-space` where it could not be recorded; it leaves a line
 * in the audit, failed or not. Long methods take turns, report progress, and fail with `busy` when 16 wait already.
 */
export const hostContract = {
  /** Who answers and what it can do here, found by trying. Needs no privilege. */
  hello: method('observe', nothing, hello),
  /** The host's figures at one moment: memory, pressure, KSM, guests, images. Reads /proc and /sys, no guest memory. */
  sample: method('observe', sampling, sample),
  /**
   * What the host could give back: identical, mergeable, merged and double-cached bytes by guest and image. Long: reads
   * guest RAM and the page cache of images. Needs CAP_SYS_PTRACE for guests of other users, and CAP_SYS_ADMIN for what
   * is merged.
   */
  assess: method('observe', nothing, assessment),
  /**
   * What capacity is estimated from, beside an assessment: memory, limits, rates of two seconds, and each guest's
   * processor time, reads, page tables and balloon. Reads /proc, /sys and guests' monitors, no guest memory.
   */
  'capacity/read': method('observe', nothing, capacityReading),
  /**
   * The smallest hashes of guests' contents, keyed by the salt given, for a forecast across hosts. Long; privileges as
   * `assess`. Guests that KSM may not merge are left out.
   */
  'forecast/sample': method('observe', contentSampling, sampledContents),
  /**
   * Takes a map of all pages of guests' RAM and images' cache, and holds it for views: the last two of a session are held.
   * Long where contents are compared. Privileges as `assess`.
   */
  'map/take': method('observe', mapTaking, memoryMap),
  /** Pages by state in cells of a held map. `gone`: it is held no longer. */
  'map/view': method('observe', mapView, mapCells),
  /** One page of a held map: with whom it shares its content, and since when. */
  'map/page': method('observe', mapPageQuery, mapPage),
  /** What `page-cache/scrub` would evict now. Long. `not-found`: a named image is no image of a guest. */
  'page-cache/plan': method('observe', scrubParams, scrubResult),
  /** Evicts clean pages that a guest of the image holds, and measures what really went. Long. Errors as `plan`. */
  'page-cache/scrub': method('change', scrubParams, scrubResult),
  /** KSM's settings and counters, who else governs it, and the last burst. */
  'ksm/status': method('observe', nothing, ksmStatus),
  /**
   * Saves the settings found, then starts a burst or, with a rate, scanning without an end. Long: a burst is measured
   * first; it goes on after the answer. `busy`: another program governs KSM and `takeOver` was not asked for.
   */
  'ksm/start': method('change', ksmStart, ksmStatus),
  /** Ends scanning; merged pages stay merged. */
  'ksm/stop': method('change', nothing, ksmStatus),
  /** Gives each guest its own pages again. Long. `out-of-memory`, before anything is changed: they do not fit. */
  'ksm/unmerge': method('change', nothing, ksmStatus),
  /**
   * Lets KSM merge one guest, or not, through its monitor. Long. `not-found`, `gone`: no such guest; `bad-input`: several
   * have the name; `not-supported`: no monitor can be reached; `out-of-memory`: its unmerged pages do not fit.
   */
  'ksm/merge': method('change', ksmMerge, guestSwitch),
  /** Puts back the settings found before the first change, guests' merging included. Without a record it does nothing. */
  'ksm/restore': method('change', nothing, ksmStatus),
  /** What a policy would do, by a few rounds of observation. Long. */
  'policies/preview': method('observe', policyPreviewParams, policyPreview),
  /**
   * Runs a policy under the host's lock until it is stopped or the session ends; a service of the host runs it instead,
   * and goes on with it. Each round is told by a notification.
   */
  'policies/start': method('change', policyStartParams, policyStatus),
  /** Ends the policy of this session or of the service and puts back what it changed. `busy`: another process runs one. */
  'policies/stop': method('change', nothing, policyStatus),
  /** What runs and who runs it, in this process or another. */
  'policies/status': method('observe', nothing, policyStatus),
  /** How the unit of systemd stands that runs policies without anyone connected, and which build it runs. */
  'service/status': method('observe', nothing, serviceStatus),
  /**
   * Installs the build of the helper that was asked as the service, and starts it; one that is there already is upgraded.
   * A policy of this session is handed over to it. Long. `not-supported`: systemd does not run this host. A build that
   * does not come up gives way to what was there before.
   */
  'service/install': method('change', serviceInstall, serviceStatus),
  /** To the build that was asked; what is merged stays merged. Long. `not-found`: none is installed. */
  'service/upgrade': method('change', nothing, serviceStatus),
  /** Back to the build before. Long. `not-found`: none is kept. */
  'service/rollback': method('change', nothing, serviceStatus),
  /** Puts everything back first, and leaves nothing but the audit. Long. */
  'service/remove': method('change', nothing, serviceStatus),
  /** The newest `limit` changes of this host by any helper, oldest first. */
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
