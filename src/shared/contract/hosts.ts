// Hosts as the workbench keeps and shows them.
import { z } from 'zod'
import { problemSchema } from '../problem.ts'
import { assessment, machine } from './assessment.ts'
import { most } from './bounded.ts'
import { sample } from './history.ts'
import { hello } from './host-contract.ts'
import { scrubResult } from './page-cache.ts'
import { runId, runMode } from './policy-runs.ts'
import { bytes, figure, instant, name, path, pid, progress, ratio } from './quantity.ts'

export const hostId = z.string().min(1).max(128)

/** `local`, an alias of ~/.ssh/config, or `[user@]host[:port]`. */
export const hostAddress = z.string().trim().min(1).max(1024)

/** observe: no change is sent; change: the admin switched changes on for this host. */
export const hostMode = z.enum(['observe', 'change'])

export const hostTag = z.string().trim().min(1).max(64)
export const hostTags = z.array(hostTag).max(32)

export const savedHost = z.object({
  id: hostId,
  name: name.min(1),
  address: hostAddress,
  mode: hostMode,
  tags: hostTags,
})
export type SavedHost = z.infer<typeof savedHost>

/** A host to be added; its name is its address unless given. */
export const newHost = z.object({ address: hostAddress, name: name.optional(), tags: hostTags.optional() })
export type NewHost = z.infer<typeof newHost>

/** A host found in pasted text; its name and tags are proposals. */
const importedHost = z.object({
  name: name.min(1),
  address: hostAddress,
  tags: hostTags,
  line: z.number().int().positive().optional(),
  /** What was left out or changed about this host, and why. */
  problems: z.array(z.string().max(4096)).max(most.problems),
})
export type ImportedHost = z.infer<typeof importedHost>
/** The same with what the SSH configuration makes of its address, before anything is added. */
const importCandidate = importedHost.extend({
  /** Absent: the SSH configuration cannot be used for it; `problems` says why. */
  route: z
    .object({ user: name, hostName: name, port: z.number().int(), jumps: z.array(name).max(most.jumps) })
    .optional(),
  /** Name of the saved host that leads to the same place. */
  savedAs: name.optional(),
})
export type ImportCandidate = z.infer<typeof importCandidate>
/** What was left out of an import, and why. */
const importProblem = z.object({
  line: z.number().int().positive().optional(),
  text: z.string().max(4096),
})
export type ImportProblem = z.infer<typeof importProblem>
export const hostImport = z.object({
  hosts: z.array(importCandidate).max(most.hosts),
  problems: z.array(importProblem).max(most.hosts),
})
export type HostImport = z.infer<typeof hostImport>

/** What became of the helper on a host. */
export const uninstalled = z.object({
  /** Folders, all versions in them; empty: it was not installed. */
  removed: z.array(path).max(most.notes),
  /** Audit and saved original settings, as far as the login can see that they are there. */
  kept: z.array(path).max(most.notes),
  /** Where copies of root's may be left: sudo wants a password there, and none is asked for to remove them. */
  unreached: z.array(path).max(16).default([]),
  /** Helpers that still run there: of other workbenches, or started by hand. */
  running: z.array(pid).max(most.tasks),
})
export type Uninstalled = z.infer<typeof uninstalled>

const connection = z.discriminatedUnion('state', [
  z.object({ state: z.literal('disconnected'), since: instant, problem: problemSchema.optional() }),
  z.object({ state: z.literal('connecting'), since: instant, step: z.string().max(256) }),
  z.object({ state: z.literal('connected'), since: instant }),
  z.object({ state: z.literal('waiting'), since: instant, retryAt: instant, problem: problemSchema }),
])
export type Connection = z.infer<typeof connection>

export const taskId = z.string().min(1).max(64)
const taskKind = z.enum(['connect', 'assess', 'plan', 'scrub', 'ksm', 'policy', 'uninstall'])
/** A long act under way on a host: shown with progress, cancellable by id. */
export const task = z.object({
  id: taskId,
  hostId,
  kind: taskKind,
  title: z.string().max(256),
  startedAt: instant,
  progress: progress.optional(),
})
export type Task = z.infer<typeof task>

/** Everything a fleet row and a host page head need. */
export const hostView = z.object({
  host: savedHost,
  connection,
  hello: hello.optional(),
  /** As the helper last said it, still there once disconnected. */
  machine: machine.optional(),
  latest: sample.optional(),
  assessment: assessment.optional(),
  lastScrub: scrubResult.optional(),
  /** Still to be won, as the last assessment said and the scrubs since changed it; absent: not known. */
  doubleCachedBytes: bytes.optional(),
  reclaimableBytes: bytes.optional(),
  /** Since the workbench first saw the host: merged now + evicted by scrubs and not come back. */
  reclaimedBytes: bytes.optional(),
  /** Over the last minute, all guests. */
  hitRatio: ratio.optional(),
  /** Fetched ahead beyond what guests asked for in that minute; present when hitRatio was cut off at 0. */
  readAheadBytes: bytes.optional(),
  /** Helper + ksmd over the last minute, of one core. */
  cpuRatio: figure.nonnegative().optional(),
  /** guest resident + image cache of the last 30 minutes, at most 60 points, for the sparkline. */
  sparkline: z.array(figure).max(60),
  /** The policy that runs on this host; absent: none that this session knows of. */
  policy: z.object({ id: runId, mode: runMode, since: instant, scrub: name, ksm: name }).optional(),
  tasks: z.array(task).max(most.tasks),
  /** The host's clock is ahead of the workbench's by at least this; negative: behind. Absent: no sample yet. */
  clockAheadSeconds: figure.optional(),
  /** Something about this host cannot be shown. */
  problem: problemSchema.optional(),
})
export type HostView = z.infer<typeof hostView>

/** What changes by the second: the documents and the samples have notifications of their own. */
export const hostChange = hostView.omit({ assessment: true, lastScrub: true, latest: true })
export type HostChange = z.infer<typeof hostChange>
export const hostMeasured = z.object({
  hostId,
  assessment: assessment.optional(),
  lastScrub: scrubResult.optional(),
})
