// The command `replay`: compares policies on workloads of the model or on a recording, as a table.

import { parseArgs } from 'node:util'
import { parseRecording } from '../../helper/src/policies/recording.ts'
import type { ScrubPolicy } from '../../src/shared/contract/policies.ts'
import { defaultChangePolicy, defaultPolicy, parsePolicyFile } from '../../src/shared/policies/policy-file.ts'
import { Problem } from '../../src/shared/problem.ts'
import { formatBytes, formatCount, formatRatio } from '../../src/shared/units.ts'
import { withValue } from '../../src/shared/with-value.ts'
import { recordedWorkload } from './recorded-workload.ts'
import { type ReplayReport, replay } from './replay.ts'
import { createWorkload, type Workload, type WorkloadName, workloadNames } from './workloads.ts'

export const replayUsage = `replay [--workload a,b,…] [--recording FILE] [--policy FILE]… [--seed N] [--json]
  Replays workloads of the consolidation suite, or recorded observations, in a model of the page cache and
  compares policies: the kernel alone, the paper's periodic scrub, adaptive, and those given as files.`

interface NamedPolicy {
  readonly name: string
  readonly scrub: ScrubPolicy
}

interface Row {
  readonly policy: string
  readonly report: ReplayReport
}

const pageBytes = 4096

/** Returns what is to be printed. Throws Problem `bad-input`; `readText` may throw its own. */
export function replayCommand(args: readonly string[], readText: (path: string) => string): string {
  const options = parseOptions(args)
  const policies = [
    ...standardPolicies(),
    ...options.policies.map((path) => policyFrom(path, readText(path))),
  ]
  const workloads =
    options.recording === undefined
      ? options.workloads.map((name) => () => createWorkload(name, options.seed))
      : [recordedFrom(readText(options.recording), options.seed)]
  const compared = workloads.map((build) => compare(build, policies))
  if (options.json)
    return `${JSON.stringify(
      compared.map(({ title, rows }) => ({ title, rows })),
      undefined,
      2,
    )}\n`
  return compared.map(({ title, rows }) => `${title}\n${table(rows)}`).join('\n')
}

function standardPolicies(): NamedPolicy[] {
  return [
    { name: 'kernel alone', scrub: defaultPolicy().scrub },
    { name: 'periodic 5 s', scrub: parsePolicyFile('{"scrub":{"mode":"periodic","everySeconds":5}}').scrub },
    { name: 'adaptive', scrub: defaultChangePolicy().scrub },
  ]
}

function policyFrom(path: string, text: string): NamedPolicy {
  return { name: path.split('/').at(-1) ?? path, scrub: parsePolicyFile(text).scrub }
}

function recordedFrom(text: string, seed: number): () => Workload {
  const recording = parseRecording(text)
  return () => recordedWorkload(recording, seed)
}

/** A workload's generators keep their place, so each policy gets a fresh one of the same seed. */
function compare(build: () => Workload, policies: readonly NamedPolicy[]) {
  const { name, title } = build()
  const rows = policies.map((policy): Row => ({ policy: policy.name, report: replay(build(), policy.scrub) }))
  return { title: `(${name}) ${title}`, rows }
}

function table(rows: readonly Row[]): string {
  const head = [
    'policy',
    'hit ratio',
    'mean cache',
    'evicted',
    'came back',
    'disk reads',
    'guests: operations/s, hit ratio',
  ]
  const lines = [head, ...rows.map(cellsOf)]
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  return lines
    .map(
      (cells) =>
        `${cells
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function cellsOf({ policy, report }: Row): string[] {
  const ratio = (value: number | undefined) => (value === undefined ? 'no reads' : formatRatio(value))
  const guests = report.guests.map(
    (guest) => `${guest.name} ${formatCount(guest.operationsPerSecond)}, ${ratio(guest.hostHitRatio)}`,
  )
  return [
    policy,
    ratio(report.hitRatio),
    formatBytes(report.meanCachePages * pageBytes),
    formatBytes(report.evictedPages * pageBytes),
    formatBytes(report.returnedPages * pageBytes),
    formatCount(report.diskReads),
    guests.join(' · '),
  ]
}

interface ReplayCommandOptions {
  readonly workloads: readonly WorkloadName[]
  readonly recording: string | undefined
  readonly policies: readonly string[]
  readonly seed: number
  readonly json: boolean
}

function parseOptions(args: readonly string[]): ReplayCommandOptions {
  const { workload, recording, policy, seed, json } = parseFlags(args)
  if (workload !== undefined && recording !== undefined)
    throw refused('--workload and --recording exclude each other')
  const named = workload === undefined ? workloadNames : workload.split(',').map(workloadNamed)
  const number = Number(seed ?? '1')
  if (!Number.isInteger(number) || number < 0 || number > 0xffff_ffff)
    throw refused(`--seed is ${JSON.stringify(seed)}, allowed: 0 to 4294967295`)
  return { workloads: named, recording, policies: policy ?? [], seed: number, json: json ?? false }
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        workload: { type: 'string' },
        recording: { type: 'string' },
        policy: { type: 'string', multiple: true },
        seed: { type: 'string' },
        json: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error), error)
  }
}

function workloadNamed(text: string): WorkloadName {
  const found = workloadNames.find((name) => name === text.trim())
  if (found === undefined)
    throw refused(`no workload ${JSON.stringify(text)}, allowed: ${workloadNames.join(', ')}`)
  return found
}

function refused(reason: string, cause?: unknown): Problem {
  const options = { remedy: replayUsage, ...withValue({ cause }) }
  return new Problem('bad-input', `cannot replay: ${reason}`, options)
}
