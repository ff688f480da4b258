// Answers the desktop contract with the services: each method one line or a short function, no logic of its own.
import { setImmediate } from 'node:timers/promises'
import type { DesktopContract, KeptData } from '../../shared/contract/index.ts'
import type { Handlers } from '../../shared/rpc.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import { measureCapacity } from '../capacity/measure-capacity.ts'
import type { Choices } from '../choices/kept-choices.ts'
import { findArm } from '../experiments/arms.ts'
import type { Experiments } from '../experiments/experiments.ts'
import { makeForecast } from '../forecast/make-forecast.ts'
import type { History } from '../history/history.ts'
import { arrive } from '../hosts/arrival.ts'
import type { Fleet } from '../hosts/fleet.ts'
import type { ProblemBoard } from '../hosts/problem-board.ts'
import type { PromptBoard } from '../hosts/prompt-board.ts'
import type { TaskBoard } from '../hosts/task-board.ts'
import { viewMap } from '../hosts/view-map.ts'
import { previewImport } from '../inventory/import-preview.ts'
import { readPolicyStatus, startPolicy, stopPolicy } from '../policies/host-policy.ts'
import type { PolicyLibrary } from '../policies/policy-library.ts'
import type { Rollouts } from '../policies/rollouts.ts'
import { exportTrail } from '../reports/audit-export.ts'
import { compareHosts } from '../reports/compare-hosts.ts'
import { compareSpans } from '../reports/compare-spans.ts'
import { exportHistory } from '../reports/history-export.ts'
import type { ReportBuilder } from '../reports/report-builder.ts'
import type { ReportTemplates } from '../reports/report-templates.ts'
import type { KeptSecrets } from '../secrets/kept-secrets.ts'
import { listSshAliases, type SshEnvironment } from '../ssh/environment.ts'
import type { Updates } from '../updates/updates.ts'
import { serviceHandlers } from './service-handlers.ts'

export interface DesktopServices {
  readonly fleet: Fleet
  readonly prompts: PromptBoard
  readonly choices: Choices
  /** Absent: this program keeps none. */
  readonly secrets?: KeptSecrets
  readonly updates: Updates
  readonly problems: ProblemBoard
  readonly tasks: TaskBoard
  readonly history: History
  readonly reports: ReportBuilder
  readonly templates: ReportTemplates
  readonly trail: AuditTrail
  readonly library: PolicyLibrary
  readonly rollouts: Rollouts
  readonly experiments: Experiments
  /** What lies in the data folder now. */
  readonly keptData: () => Promise<KeptData>
  readonly environment: SshEnvironment
}

type DesktopHandlers = Handlers<DesktopContract>

/** Answers to every method of the desktop contract. */
export function desktopHandlers(services: DesktopServices): DesktopHandlers {
  return {
    ...fleetHandlers(services),
    ...boardHandlers(services),
    ...secretHandlers(services),
    ...updateHandlers(services),
    ...measuringHandlers(services),
    ...ksmHandlers(services),
    ...policyHandlers(services),
    ...serviceHandlers(services),
    ...libraryHandlers(services),
    ...rolloutHandlers(services),
    ...experimentHandlers(services),
    'data/kept': () => services.keptData(),
    'audit/trail': (query) => services.trail.list(query),
    'audit/export': (query) => exportTrail(services.trail, query),
    'history/series': (query) => services.history.series(query),
    'history/marks': (query) => services.history.marks(query),
    'history/export': ({ hostId, ...range }) =>
      exportHistory(services.history, services.fleet.find(hostId).session.host, range),
    'reports/build': (order, context) => services.reports.build(order, context),
    'reports/list': async () => ({ reports: await services.reports.list() }),
    ...templateHandlers(services),
    'compare/means': (order, context) => compareHosts(services, order, context),
    'compare/spans': (order) => compareSpans(services.history, order),
  }
}

const nothing = {}

function templateHandlers({ templates }: DesktopServices) {
  return {
    'reports/templates': async () => ({ templates: await templates.list() }),
    'reports/save-template': async (template) => ({ templates: await templates.save(template) }),
    'reports/remove-template': async ({ name }) => ({ templates: await templates.remove(name) }),
  } satisfies Partial<DesktopHandlers>
}

function fleetHandlers({ fleet, prompts, problems, environment, choices }: DesktopServices) {
  return {
    'fleet/list': async () => {
      // Waited for first: what is listed before a wait may be out of date after it.
      const chosen = await choices.list()
      return {
        at: wallClock(),
        hosts: fleet.list(),
        prompts: prompts.list(),
        problems: problems.list(),
        choices: chosen,
      }
    },
    'choices/set': async ({ name, value }) => {
      await choices.choose(name, value)
      return nothing
    },
    'hosts/add': async ({ address, name, tags }) => {
      const host = await fleet.addHost({ address, name, tags })
      fleet.find(host.id).session.start()
      return host
    },
    'hosts/add-all': async ({ hosts }) => {
      const result = await fleet.addAll(hosts)
      for (const { id } of result.added) {
        // Each is a moment's work; hundreds in one go would hold up everything else.
        await setImmediate()
        if (fleet.saved().some((host) => host.id === id)) fleet.find(id).session.start()
      }
      return result
    },
    'hosts/candidates': async () => {
      const saved = new Set(fleet.saved().map(({ address }) => address))
      const aliases = await listSshAliases(environment)
      return aliases.map((alias) => ({ ...alias, saved: saved.has(alias.alias) }))
    },
    'hosts/parse-inventory': ({ text }) => previewImport(text, { environment, saved: fleet.saved() }),
    'hosts/remove': async ({ hostId }) => {
      await fleet.remove(hostId)
      return nothing
    },
    'hosts/update': ({ hostId, name, tags }) => fleet.update(hostId, withValue({ name, tags })),
    'hosts/set-mode': ({ hostId, mode }) => fleet.update(hostId, { mode }),
    'hosts/connect': async ({ hostId }, context) => {
      await fleet.connect(hostId, context)
      return nothing
    },
    'hosts/disconnect': async ({ hostId }) => {
      fleet.disconnect(hostId)
      return nothing
    },
    'hosts/uninstall': ({ hostId }, context) => fleet.uninstall(hostId, context),
    'hosts/test': ({ id, target }, { signal }) => fleet.test(id, target, signal),
    'hosts/log': async ({ hostId }) => fleet.find(hostId).log.list(),
  } satisfies Partial<DesktopHandlers>
}

function boardHandlers({ prompts, tasks }: DesktopServices) {
  return {
    'prompts/answer': async ({ id, answer }) => {
      prompts.answer(id, answer)
      return nothing
    },
    'tasks/cancel': async ({ id }) => {
      tasks.cancel(id)
      return nothing
    },
  } satisfies Partial<DesktopHandlers>
}

function updateHandlers({ updates }: DesktopServices) {
  return {
    'updates/status': async () => updates.status(),
    'updates/follow': ({ feed }) => updates.follow(feed),
  } satisfies Partial<DesktopHandlers>
}

function secretHandlers({ secrets }: DesktopServices) {
  return {
    'secrets/list': async () => (await secrets?.list()) ?? { place: { state: 'none' }, kept: [] },
    'secrets/forget': async ({ id }) => {
      await secrets?.forget(id)
      return nothing
    },
  } satisfies Partial<DesktopHandlers>
}

function measuringHandlers({ fleet, history }: DesktopServices) {
  return {
    assess: async ({ hostId }, context) => {
      const order = { hostId, kind: 'assess', title: 'Assess' } as const
      const assessment = arrive(await fleet.act(order, 'assess', {}, context))
      fleet.find(hostId).addAssessment(assessment)
      return assessment
    },
    'forecast/make': ({ hostIds }, context) => makeForecast(fleet, hostIds, context),
    'capacity/estimate': (order, context) => measureCapacity({ fleet, history }, order, context),
    'map/take': async ({ hostId, ...params }, context) => {
      const order = { hostId, kind: 'assess', title: 'Map memory' } as const
      return arrive(await fleet.act(order, 'map/take', params, context))
    },
    'map/view': (view, { signal }) => viewMap(fleet, view, signal),
    'map/page': ({ hostId, ...query }, { signal }) =>
      fleet.find(hostId).session.call('map/page', query, { signal, timeoutMs: 20_000 }),
    'page-cache/plan': async ({ hostId, ...params }, context) => {
      const order = { hostId, kind: 'plan', title: 'Plan a scrub' } as const
      return arrive(await fleet.act(order, 'page-cache/plan', params, context))
    },
    'page-cache/scrub': async ({ hostId, ...params }, context) => {
      const order = { hostId, kind: 'scrub', title: 'Scrub the page cache' } as const
      const scrub = arrive(await fleet.act(order, 'page-cache/scrub', params, context))
      fleet.find(hostId).addScrub(scrub, params.images === undefined)
      return scrub
    },
    'audit/list': ({ hostId, limit }, { signal }) =>
      fleet.find(hostId).session.call('audit/list', { limit }, { signal, timeoutMs: 20_000 }),
  } satisfies Partial<DesktopHandlers>
}

function ksmHandlers({ fleet }: DesktopServices) {
  const order = (hostId: string, title: string) => ({ hostId, kind: 'ksm', title }) as const
  return {
    'ksm/status': ({ hostId }, { signal }) =>
      fleet.find(hostId).session.call('ksm/status', {}, { signal, timeoutMs: 20_000 }),
    'ksm/start': ({ hostId, ...params }, context) =>
      fleet.act(order(hostId, 'Start KSM'), 'ksm/start', params, context),
    'ksm/stop': ({ hostId }, context) => fleet.act(order(hostId, 'Stop KSM'), 'ksm/stop', {}, context),
    'ksm/unmerge': ({ hostId }, context) =>
      fleet.act(order(hostId, 'Unmerge all pages'), 'ksm/unmerge', {}, context),
    'ksm/merge': ({ hostId, guest, merge }, context) => {
      const title = `Switch merging of guest ${guest} ${merge ? 'on' : 'off'}`
      return fleet.act(order(hostId, title), 'ksm/merge', { guest, merge }, context)
    },
    'ksm/restore': ({ hostId }, context) =>
      fleet.act(order(hostId, 'Restore KSM settings'), 'ksm/restore', {}, context),
  } satisfies Partial<DesktopHandlers>
}

function policyHandlers({ fleet, history }: DesktopServices) {
  return {
    'policies/preview': ({ hostId, ...params }, context) => {
      const order = { hostId, kind: 'policy', title: 'Preview a policy' } as const
      return fleet.act(order, 'policies/preview', params, context)
    },
    'policies/start': ({ hostId, ...start }, context) => startPolicy(fleet, hostId, start, context),
    'policies/stop': ({ hostId }, context) => stopPolicy(fleet, hostId, context),
    'policies/status': ({ hostId }, { signal }) => readPolicyStatus(fleet, hostId, signal),
    'policies/notes': async ({ hostId, limit }) => ({ notes: await history.notes(hostId, limit) }),
  } satisfies Partial<DesktopHandlers>
}

function libraryHandlers({ library }: DesktopServices) {
  return {
    'policies/list': async () => ({ policies: await library.list() }),
    'policies/save': async ({ name, text }) => library.save(name, text),
    'policies/remove': async ({ name }) => {
      await library.remove(name)
      return nothing
    },
    'policies/assign': ({ name, hostIds, tags }) => library.assign(name, hostIds, tags),
    'policies/versions': async ({ name }) => ({ versions: await library.versions(name) }),
  } satisfies Partial<DesktopHandlers>
}

function rolloutHandlers({ rollouts }: DesktopServices) {
  return {
    'rollouts/start': (plan) => rollouts.start(plan),
    'rollouts/stop': async ({ id }) => rollouts.stop(id),
    'rollouts/list': async () => ({ rollouts: rollouts.list() }),
  } satisfies Partial<DesktopHandlers>
}

function experimentHandlers({ experiments, library, reports }: DesktopServices) {
  return {
    'experiments/arm': ({ name }) => findArm(name, library),
    'experiments/plan': async (order) => experiments.preview(order),
    'experiments/start': (order) => experiments.start(order),
    'experiments/pause': async ({ id }) => experiments.pause(id),
    'experiments/continue': async ({ id }) => experiments.continue(id),
    'experiments/stop': async ({ id }) => experiments.stop(id),
    'experiments/list': async () => ({ experiments: await experiments.list() }),
    'experiments/show': ({ id }) => experiments.show(id),
    'experiments/remove': async ({ id }) => {
      await experiments.remove(id)
      return nothing
    },
    'experiments/export': async ({ id, format }, { signal }) =>
      reports.exportExperiment(await experiments.show(id), format, signal),
  } satisfies Partial<DesktopHandlers>
}
