// Builds a report of some hosts from what the workbench knows about them; absent stays absent.

import type { KsmStatus, Report, ReportedHost, ReportFormat } from '../../shared/contract/index.ts'
import { firstOnSameMachine } from '../../shared/one-machine.ts'
import { wallClock } from '../../shared/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Fleet } from '../hosts/fleet.ts'
import type { FleetHost } from '../hosts/fleet-host.ts'
import { mergedSince } from './merged-since.ts'
import { renderCsv } from './report-csv.ts'
import { renderHtml } from './report-html.ts'

export interface RenderedReport {
  readonly fileName: string
  readonly mediaType: string
  readonly content: string
}

export interface ReportBuilder {
  collect(hostIds: readonly string[]): Promise<Report>
  build(hostIds: readonly string[], format: ReportFormat): Promise<RenderedReport>
}

const statusWithinMs = 10_000

export function buildReports({ fleet, version }: { fleet: Fleet; version: string }): ReportBuilder {
  const collect = async (hostIds: readonly string[]): Promise<Report> => ({
    title: 'Singleton Workbench report',
    createdAt: wallClock(),
    version,
    hosts: noteSameMachines(await Promise.all(hostIds.map((id) => reportHost(fleet.find(id))))),
  })
  return {
    collect,
    build: async (hostIds, format) => renderReport(await collect(hostIds), format),
  }
}

export function renderReport(report: Report, format: ReportFormat): RenderedReport {
  const fileName = `singleton-report-${new Date(report.createdAt).toISOString().slice(0, 10)}.${format}`
  if (format === 'html') return { fileName, mediaType: 'text/html', content: renderHtml(report) }
  if (format === 'csv') return { fileName, mediaType: 'text/csv', content: renderCsv(report) }
  return { fileName, mediaType: 'application/json', content: `${JSON.stringify(report, null, 2)}\n` }
}

async function reportHost(watched: FleetHost): Promise<ReportedHost> {
  const view = watched.view()
  const notes: string[] = []
  const baseline = watched.firstAssessment
  const after = view.assessment === baseline ? undefined : view.assessment
  const scrub = view.lastScrub
  const ksm = await readKsm(watched, notes)
  const { cpuSpent } = watched
  const cpuSeconds = cpuSpent
    ? cpuSpent.helperSeconds + cpuSpent.ksmdSeconds
    : costOf([baseline, after, scrub])
  if (view.readAheadBytes !== undefined) {
    notes.push('The kernel read ahead more than the guests asked for, so their hit ratio is shown as 0.')
  }
  const unread = view.assessment?.unreadable.length ?? 0
  if (unread > 0) notes.push(`${unread} items could not be read; the JSON report lists them.`)
  return {
    name: view.host.name,
    address: view.host.address,
    ...withValue({ machine: view.machine, baseline, after, scrub, ksm }),
    ...memoryFigures(view.assessment, baseline),
    ...cacheFigures(watched),
    ...withValue({ hitRatio: view.hitRatio, cpuSeconds, ksmdCpuSeconds: cpuSpent?.ksmdSeconds }),
    notes,
  }
}

/** Pure. */
export function noteSameMachines(hosts: readonly ReportedHost[]): ReportedHost[] {
  return hosts.map((host) => {
    const first = firstOnSameMachine(hosts, host)
    if (!first) return host
    const note = `Same machine as ${first.name}: one kernel runs both, and totals count what belongs to it once.`
    return { ...host, notes: [note, ...host.notes] }
  })
}

function memoryFigures(latest: ReportedHost['after'], baseline: ReportedHost['baseline']) {
  return {
    ...(latest && { guestResidentBytes: latest.totals.guestResidentBytes }),
    // One assessment tells of no time before it.
    ...(latest &&
      baseline &&
      latest !== baseline && { mergedBytes: mergedSince(baseline.totals, latest.totals) }),
    ...(baseline && {
      mergeableBytes: baseline.totals.mergeableBytes,
      doubleCachedBytes: baseline.totals.doubleCachedBytes,
    }),
  }
}

function cacheFigures(watched: FleetHost) {
  const { lastScrub } = watched.view()
  if (lastScrub && !lastScrub.dryRun) {
    return {
      imageCacheBeforeBytes: lastScrub.totals.residentBeforeBytes,
      imageCacheAfterBytes: lastScrub.totals.residentAfterBytes,
    }
  }
  const { firstAssessment } = watched
  return firstAssessment ? { imageCacheBeforeBytes: firstAssessment.totals.imageCacheBytes } : {}
}

async function readKsm(watched: FleetHost, notes: string[]): Promise<KsmStatus | undefined> {
  if (!watched.session.link) {
    notes.push('Not connected when the report was made: all figures are those of the last connection.')
    return watched.view().latest?.ksm
  }
  try {
    return await watched.session.call('ksm/status', {}, { timeoutMs: statusWithinMs })
  } catch (error) {
    notes.push(`KSM: ${error instanceof Error ? error.message : String(error)}`.slice(0, 1024))
    return undefined
  }
}

function costOf(measured: readonly ({ cost: { cpuSeconds: number } } | undefined)[]): number | undefined {
  const costs = measured.flatMap((one) => (one ? [one.cost.cpuSeconds] : []))
  return costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0)
}
