// The desktop contract: what the renderer (and the CLI, in process) asks of main.
import { z } from 'zod'
import { problemSchema } from '../problem.ts'
import { assessment } from './assessment.ts'
import { trailEntry, trailFormat, trailQuery } from './audit.ts'
import { auditEntry } from './audit-entry.ts'
import { most } from './bounded.ts'
import { capacity, capacityOrder } from './capacity.ts'
import { choiceOrder, keptChoices } from './choices.ts'
import { connectionTest, testStep, testTarget } from './connection-test.ts'
import { experimentMethods } from './experiment-methods.ts'
import { experimentNaming, experimentSummary } from './experiments.ts'
import { textFile } from './files.ts'
import { forecast, forecastOrder } from './forecast.ts'
import { guestSwitch } from './guests.ts'
import { pointCount, sample, series } from './history.ts'
import {
  hostChange,
  hostId,
  hostImport,
  hostMeasured,
  hostMode,
  hostTags,
  hostView,
  newHost,
  savedHost,
  task,
  taskId,
  uninstalled,
} from './hosts.ts'
import { keptData } from './kept-data.ts'
import { ksmMerge, ksmStart, ksmStatus } from './ksm.ts'
import { marks } from './marks.ts'
import { mapCells, mapPage, mapPageQuery, mapTaking, mapView, memoryMap } from './memory-map.ts'
import { type Method, method, type Notifications, nothing } from './method.ts'
import { metricName, metricNames } from './metrics.ts'
import {
  namedPolicies,
  namedPolicy,
  policyAssigning,
  policyNaming,
  policySaving,
  policyVersions,
} from './named-policies.ts'
import { scrubParams, scrubResult } from './page-cache.ts'
import {
  maxPolicyNotes,
  policyNotes,
  policyPreview,
  policyPreviewParams,
  policyRound,
  policyStartParams,
  policyStatus,
} from './policy-runs.ts'
import { prompt, promptAnswer, promptId } from './prompts.ts'
import { instant, name } from './quantity.ts'
import { reportMethods } from './report-methods.ts'
import { rollout, rolloutNaming, rolloutPlan, rollouts } from './rollouts.ts'
import { keptSecretId, keptSecrets } from './secrets.ts'
import { serviceInstall, serviceStatus } from './service.ts'
import { updateFeed, updateStatus } from './updates.ts'

const onHost = z.object({ hostId })
/** What keeps the workbench itself from part of its work, such as history that cannot be kept. */
const workbenchProblems = z.array(problemSchema).max(most.problems)

const testId = z.string().min(1).max(64)

const logLine = z.object({
  at: instant,
  hostId,
  level: z.enum(['info', 'warning', 'error']),
  text: z.string().max(4096),
})
export type LogLine = z.infer<typeof logLine>

/** `effect: change` here = a change on the host; main refuses it while the host is in observe mode. */
export const desktopContract = {
  /**
   * All hosts with their figures, the questions that wait for an answer, what keeps the workbench from its work, and what
   * the person chose of how pages look.
   */
  'fleet/list': method(
    'observe',
    nothing,
    z.object({
      /** The workbench's wall clock, by which all times shown are. */
      at: instant,
      hosts: z.array(hostView).max(most.hosts),
      prompts: z.array(prompt).max(most.prompts),
      problems: workbenchProblems,
      choices: keptChoices,
    }),
  ),
  /** Keeps a choice for every page and every start. */
  'choices/set': method('observe', choiceOrder, nothing),
  /** Saves a host, in observe mode unless said otherwise. `bad-input`: no address, or saved already. */
  'hosts/add': method('observe', newHost, savedHost),
  /** Adds what can be added; the rest comes back with its Problem. */
  'hosts/add-all': method(
    'observe',
    z.object({ hosts: z.array(newHost).min(1).max(10_000) }),
    z.object({
      added: z.array(savedHost).max(most.hosts),
      refused: z.array(z.object({ address: z.string().max(1024), problem: problemSchema })).max(most.hosts),
    }),
  ),
  /** Hosts that ~/.ssh/config names (no patterns), for the import dialog. */
  'hosts/candidates': method(
    'observe',
    nothing,
    z
      .array(
        z.object({
          alias: name,
          hostName: name,
          user: name.optional(),
          port: z.number().int().optional(),
          saved: z.boolean(),
        }),
      )
      .max(most.hosts),
  ),
  /** A list of hosts or an Ansible inventory in INI or YAML; adds nothing. Malformed: `bad-input`, naming the line. */
  'hosts/parse-inventory': method('observe', z.object({ text: z.string().max(1024 * 1024) }), hostImport),
  /** Disconnects and forgets a host, with its history. Changes nothing on it. */
  'hosts/remove': method('observe', onHost, nothing),
  /** Name and tags; what is left out stays. */
  'hosts/update': method(
    'observe',
    onHost.extend({ name: name.trim().min(1).optional(), tags: hostTags.optional() }),
    savedHost,
  ),
  /** Whether changes are allowed. Reconnects, as the helper enforces the mode too. `busy`: a long act runs. */
  'hosts/set-mode': method('observe', onHost.extend({ mode: hostMode }), savedHost),
  /** Answers once the host is connected, or with why it cannot be. */
  'hosts/connect': method('observe', onHost, nothing),
  /** Ends the session and what runs in it, and tries no more by itself. */
  'hosts/disconnect': method('observe', onHost, nothing),
  /**
   * Removes the helper that connecting has installed, in observe mode too; the host stays saved and disconnected.
   * `busy` while a long act runs on it.
   */
  'hosts/uninstall': method('observe', onHost, uninstalled),
  /**
   * Connects once more, beside the connection that may stand, and says of each step what came of it. Of a saved
   * host, or of an address that is not saved. `id` names the test in `test/stepped`.
   */
  'hosts/test': method('observe', z.object({ id: testId, target: testTarget }), connectionTest),
  /** Newest lines of what went on with the host, oldest first; kept while the workbench runs. */
  'hosts/log': method('observe', onHost, z.array(logLine).max(most.logLines)),
  /** `gone`: the question was answered already, or withdrawn. */
  'prompts/answer': method('observe', z.object({ id: promptId, answer: promptAnswer }), nothing),
  /** What the person asked to be kept; values are never told. */
  'secrets/list': method('observe', nothing, keptSecrets),
  /** Without an id: all of them. */
  'secrets/forget': method('observe', z.object({ id: keptSecretId.optional() }), nothing),
  /** Where the workbench keeps what, how much that is now, and for how long history is kept. */
  'data/kept': method('observe', nothing, keptData),
  /** What was found when it was last asked for; asks nobody now. */
  'updates/status': method('observe', nothing, updateStatus),
  /** Asks at once, and once a day from then on. Without an address nobody is asked any more. */
  'updates/follow': method('observe', z.object({ feed: updateFeed.optional() }), updateStatus),
  /** `gone`: it has ended. */
  'tasks/cancel': method('observe', z.object({ id: taskId }), nothing),
  assess: method('observe', onHost, assessment),
  /** The person has agreed to what `forecastQuestion` says. Nothing of it is kept. Long. */
  'forecast/make': method('observe', forecastOrder, forecast),
  /**
   * How many more guests like one fit, and what a bad day takes. Long where guests' contents are compared. `not-found`:
   * no guest has the name or process given.
   */
  'capacity/estimate': method('observe', capacityOrder, capacity),
  'map/take': method('observe', onHost.extend(mapTaking.shape), memoryMap),
  'map/view': method('observe', onHost.extend(mapView.shape), mapCells),
  'map/page': method('observe', onHost.extend(mapPageQuery.shape), mapPage),
  'page-cache/plan': method('observe', onHost.extend(scrubParams.shape), scrubResult),
  'page-cache/scrub': method('change', onHost.extend(scrubParams.shape), scrubResult),
  'ksm/status': method('observe', onHost, ksmStatus),
  'ksm/start': method('change', onHost.extend(ksmStart.shape), ksmStatus),
  'ksm/stop': method('change', onHost, ksmStatus),
  'ksm/unmerge': method('change', onHost, ksmStatus),
  'ksm/merge': method('change', onHost.extend(ksmMerge.shape), guestSwitch),
  'ksm/restore': method('change', onHost, ksmStatus),
  'policies/preview': method('observe', onHost.extend(policyPreviewParams.shape), policyPreview),
  'policies/start': method('change', onHost.extend(policyStartParams.shape), policyStatus),
  'policies/stop': method('change', onHost, policyStatus),
  'policies/status': method('observe', onHost, policyStatus),
  /** What policies decided on this host, also in earlier sessions; the newest first. */
  'policies/notes': method(
    'observe',
    onHost.extend({ limit: z.int().min(1).max(maxPolicyNotes).default(200) }),
    policyNotes,
  ),
  'service/status': method('observe', onHost, serviceStatus),
  'service/install': method('change', onHost.extend(serviceInstall.shape), serviceStatus),
  'service/upgrade': method('change', onHost, serviceStatus),
  'service/rollback': method('change', onHost, serviceStatus),
  'service/remove': method('change', onHost, serviceStatus),
  /** Policies that the workbench keeps by name: these five change the workbench only. */
  'policies/list': method('observe', nothing, namedPolicies),
  /** A new version, or the first. A text that is no policy is refused as `bad-input`. */
  'policies/save': method('observe', policySaving, namedPolicy),
  /** All versions. Hosts that run it go on. `not-found`: there is none. */
  'policies/remove': method('observe', policyNaming, nothing),
  /** Replaces what it is assigned to; a host or tag that another policy had is taken from that one. */
  'policies/assign': method('observe', policyAssigning, namedPolicy),
  /** Oldest first. `not-found`: there is none. */
  'policies/versions': method('observe', policyNaming, policyVersions),
  /** Refused as a whole, naming the hosts, where one is in observe mode, not connected or runs a policy. */
  'rollouts/start': method('change', rolloutPlan, rollout),
  /** Puts back every host on which it started the policy; the answer does not wait for that. */
  'rollouts/stop': method('change', rolloutNaming, rollout),
  /** Those under way and those that ended, newest first. */
  'rollouts/list': method('observe', nothing, rollouts),
  ...experimentMethods,
  'audit/list': method(
    'observe',
    onHost.extend({ limit: z.number().int().min(1).max(10_000) }),
    z.array(auditEntry).max(most.auditEntries),
  ),
  /** What this workbench changed, newest `limit`, oldest first. */
  'audit/trail': method(
    'observe',
    trailQuery.extend({ limit: z.number().int().min(1).max(10_000) }),
    z.array(trailEntry).max(most.auditEntries),
  ),
  /** What `audit/trail` lists, as a file; cells of CSV cannot become formulas. */
  'audit/export': method('observe', trailQuery.extend({ format: trailFormat }), textFile),
  /** Downsampled in main to at most `points` per metric. */
  'history/series': method(
    'observe',
    onHost.extend({
      from: instant,
      to: instant,
      points: pointCount,
      metrics: z.array(metricName).max(metricNames.length),
    }),
    series,
  ),
  /** What happened on the host in a range, oldest first; of too many the newest. */
  'history/marks': method('observe', onHost.extend({ from: instant, to: instant }), marks),
  /**
   * All metrics over a range, as CSV: a line for each instant by the workbench’s clock, in UTC; empty where nothing was
   * reported.
   */
  'history/export': method('observe', onHost.extend({ from: instant, to: instant }), textFile),
  ...reportMethods,
} satisfies Record<string, Method>
export type DesktopContract = typeof desktopContract

/** Main → renderer. */
export const desktopNotifications = {
  /** The view of one host without its documents, at most 2 a second per host; a host not seen before is new. */
  'host/changed': hostChange,
  /** A new assessment or scrub. Absent fields stay as they were. */
  'host/measured': hostMeasured,
  'host/removed': onHost,
  'sample/added': z.object({ hostId, sample }),
  'policies/round': z.object({ hostId, round: policyRound }),
  'policies/named': namedPolicies,
  'rollouts/changed': rollout,
  'experiments/changed': experimentSummary,
  'experiments/removed': experimentNaming,
  'task/changed': task,
  'task/ended': z.object({ id: taskId, hostId }),
  'choices/changed': z.object({ choices: keptChoices }),
  'problems/changed': z.object({ problems: workbenchProblems }),
  'prompt/asked': prompt,
  'prompt/withdrawn': z.object({ id: promptId }),
  'log/added': logLine,
  'audit/added': trailEntry,
  /** The window's menu, a link from outside or a second start asks for a page. Only the desktop app sends it. */
  'page/shown': z.object({
    page: z
      .string()
      .max(1024)
      .regex(/^#\/[\w\-./%?=&,~]*$/),
  }),
  'test/stepped': z.object({ id: testId, steps: z.array(testStep).max(most.steps) }),
} satisfies Notifications
export type DesktopNotifications = typeof desktopNotifications
