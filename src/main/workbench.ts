// Builds the services once for every entry: Electron, the browser shell and the command line.
import type { KeptData } from '../shared/contract/index.ts'
import { asProblem, type Problem } from '../shared/problem.ts'
import { withValue } from '../shared/with-value.ts'
import { Announcer } from './announcer.ts'
import { openAuditTrail } from './audit/audit-trail.ts'
import { HostAudit } from './audit/host-audit.ts'
import { Choices } from './choices/kept-choices.ts'
import { requireOwnDirectory } from './data-directory.ts'
import { desktopHandlers } from './desktop/desktop-handlers.ts'
import type { ServedDesktop } from './desktop/desktop-server.ts'
import { Experiments } from './experiments/experiments.ts'
import { keepPausesShort } from './gc-pauses.ts'
import { openHelperLink, uninstallHelperFrom } from './helper-link/helper-link.ts'
import type { History } from './history/history.ts'
import { openHistory } from './history/history-database.ts'
import { readHistory } from './history/read-history.ts'
import { historyRetention } from './history/retention.ts'
import { backoffMs } from './hosts/backoff.ts'
import { ConnectingSlots } from './hosts/connecting-slots.ts'
import { Fleet } from './hosts/fleet.ts'
import { ProblemBoard } from './hosts/problem-board.ts'
import { PromptBoard } from './hosts/prompt-board.ts'
import { copyInMemory, type HostStore, openHostsFile } from './hosts/saved-hosts.ts'
import { TaskBoard } from './hosts/task-board.ts'
import { PolicyLibrary } from './policies/policy-library.ts'
import { Rollouts } from './policies/rollouts.ts'
import { openExportedReports } from './reports/exported-reports.ts'
import { type PrintPdf, printWithChromium } from './reports/print-pdf.ts'
import { buildReports } from './reports/report-builder.ts'
import { openReportTemplates } from './reports/report-templates.ts'
import { KeptSecrets, type SystemStore } from './secrets/kept-secrets.ts'
import type { SshEnvironment } from './ssh/environment.ts'
import { listKeptPlaces, measureSetAside } from './state-files/kept-places.ts'
import { Updates } from './updates/updates.ts'

export interface WorkbenchOptions {
  readonly dataDirectory: string
  readonly environment: SshEnvironment
  readonly version: string
  /**
   * resident: keeps all saved hosts connected, samples them and keeps history.
   * one-shot: connects when asked, tries once, and writes only known_hosts, the audit and its experiments.
   * settings: connects to no host, but saves hosts.
   */
  readonly stay: 'resident' | 'one-shot' | 'settings'
  /** Opens the link to a host; absent: to the helper there, over SSH or as a child. Tests bring hosts of their own. */
  readonly openLink?: typeof openHelperLink
  /** What concerns no single host: an unusable settings file, history that cannot be written. */
  readonly onProblem: (problem: Problem) => void
  /** Absent: by a Chromium of this machine. */
  readonly printPdf?: PrintPdf
  /** Absent: no secret is ever kept. */
  readonly secretStore?: SystemStore
}

export interface Workbench extends ServedDesktop {
  /** Hosts beyond what the desktop contract offers: the command line adds hosts that are never saved. */
  readonly fleet: Fleet
  readonly choices: Choices
  /** Of these the command line goes on with what one before it left behind. */
  readonly experiments: Experiments
  close(): Promise<void>
}

const connectingAtOnce = 8
const sampleEveryMs = 2000

/**
 * Builds every service. Rejects where the data folder cannot be used; starts without history where that cannot be
 * opened.
 */
export async function createWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { dataDirectory, environment, version, onProblem } = options
  const resident = options.stay === 'resident'
  const announcer = new Announcer()
  const tasks = new TaskBoard(announcer.announce)
  const saved = await openHostsFile(requireOwnDirectory(dataDirectory), onProblem)
  const problems = new ProblemBoard(announcer.announce)
  problems.set('hosts', saved.unknown)
  const choices = new Choices({ dataDirectory, announce: announcer.announce, onProblem })
  const { prompts, secrets } = openPrompts(announcer, options)
  const history = resident ? openOwnHistory(problems, options) : readHistory(dataDirectory)
  const trail = openAuditTrail(dataDirectory)
  const fleet = new Fleet({
    openLink: options.openLink ?? openHelperLink,
    uninstall: uninstallHelperFrom,
    environment,
    slots: new ConnectingSlots(connectingAtOnce),
    announcer,
    prompts,
    tasks,
    history,
    audit: new HostAudit(trail, announcer.announce, resident ? 'workbench' : 'command line'),
    store: options.stay === 'one-shot' ? copyInMemory(saved) : saved,
    ...(resident && { retryMs: backoffMs, sampleEveryMs }),
  })
  if (resident) {
    keepPausesShort()
    await rememberHosts(fleet, history, onProblem)
    fleet.startAll()
  }
  const unwatch = resident ? saved.watch(() => void fleet.follow()) : () => undefined
  const library = openLibrary(announcer, problems, options)
  const { rollouts, experiments } = await openLongActs({ fleet, announcer, history }, saved, options)
  const reports = buildReports({
    ...{ fleet, version, history, trail, experiments, printPdf: options.printPdf ?? printWithChromium() },
    ...(resident && { exported: openExportedReports(dataDirectory) }),
  })
  const boards = { prompts, problems, tasks, choices, keptData: () => readKeptData(dataDirectory) }
  const updates = new Updates({ dataDirectory, version, onProblem })
  if (resident) await updates.start()
  const acts = { library, rollouts, experiments, updates, templates: openReportTemplates(dataDirectory) }
  return {
    handlers: desktopHandlers({
      ...{ ...boards, ...acts, fleet, history, reports, trail, environment },
      ...withValue({ secrets }),
    }),
    fleet,
    choices,
    experiments,
    subscribe: (listener) => announcer.subscribe(listener),
    close: async () => {
      updates.close()
      unwatch()
      await rollouts.close()
      await experiments.close()
      await fleet.close()
      await history.close()
    },
  }
}

async function readKeptData(folder: string): Promise<KeptData> {
  const [places, setAside] = await Promise.all([listKeptPlaces(folder), measureSetAside(folder)])
  return { folder, places, ...withValue({ setAside }), history: historyRetention }
}

function openOwnHistory(problems: ProblemBoard, { dataDirectory, onProblem }: WorkbenchOptions): History {
  const onHealth = (problem: Problem | undefined) => {
    problems.set('history', problem)
    if (problem) onProblem(problem)
  }
  return openHistory({ dataDirectory, onProblem, onHealth })
}

/** Questions to the person, and what the person asked to be kept of the answers. */
function openPrompts(
  { announce }: Announcer,
  { secretStore, dataDirectory, onProblem }: WorkbenchOptions,
): { readonly prompts: PromptBoard; readonly secrets?: KeptSecrets } {
  if (!secretStore) return { prompts: new PromptBoard(announce) }
  const secrets = new KeptSecrets({ dataDirectory, system: secretStore, onProblem })
  return { prompts: new PromptBoard(announce, secrets), secrets }
}

function openLibrary(
  { announce }: Announcer,
  problems: ProblemBoard,
  { dataDirectory, onProblem }: WorkbenchOptions,
): PolicyLibrary {
  const tell = (problem: Problem) => {
    problems.set('policies', problem)
    onProblem(problem)
  }
  return new PolicyLibrary({ dataDirectory, announce, onProblem: tell })
}

/**
 * What goes on over hours and over restarts. What earlier runs began is left as it is while its hosts are not known: it would be
 * given up.
 */
async function openLongActs(
  parts: { readonly fleet: Fleet; readonly announcer: Announcer; readonly history: History },
  { unknown }: Pick<HostStore, 'unknown'>,
  { stay, dataDirectory, onProblem }: WorkbenchOptions,
) {
  const resident = stay === 'resident'
  const rollouts = new Rollouts({ ...parts, onProblem, ...(resident && { dataDirectory }) })
  if (unknown === undefined) await rollouts.reopen()
  const workbench = resident ? 'workbench' : 'command line'
  const experiments = new Experiments({ ...parts, dataDirectory, onProblem, workbench })
  if (resident && unknown === undefined) await experiments.reopen()
  return { rollouts, experiments }
}

/** Shows what earlier runs measured. Without history, or where it is unreadable for one host, the others go on. */
async function rememberHosts(
  fleet: Fleet,
  history: History,
  onProblem: WorkbenchOptions['onProblem'],
): Promise<void> {
  let told = ''
  for (const { id } of fleet.saved()) {
    try {
      fleet.find(id).remember(await history.remembered(id))
    } catch (error) {
      const problem = asProblem(error, 'cannot read history')
      if (problem.message !== told) onProblem(problem)
      told = problem.message
    }
  }
}
