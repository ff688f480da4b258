// The command line as data: what is asked for, or a Problem that says what is wrong with it. Pure.

import { parseArgs } from 'node:util'
import { rolloutStage, type ServiceAct, serviceActs } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { parseDuration, someHosts, wrong } from './command-words.ts'
import { type CompareCommand, parseCompare } from './compare-arguments.ts'
import {
  type ExperimentCommand,
  experimentOptionNames,
  experimentOptions,
  parseExperiment,
} from './experiment-arguments.ts'
import {
  type CapacityCommand,
  type ForecastCommand,
  type MapCommand,
  parseCapacity,
  parseForecast,
  parseMap,
} from './picture-arguments.ts'
import { parseReport, type ReportCommand } from './report-arguments.ts'

export type KsmAct = 'status' | 'start' | 'stop' | 'unmerge' | 'restore'

export type PolicyAct = 'preview' | 'start' | 'stop' | 'status'

export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'assess'; readonly hosts: readonly string[]; readonly json: boolean }
  | {
      readonly kind: 'scrub'
      readonly hosts: readonly string[]
      readonly json: boolean
      readonly dryRun: boolean
      readonly images: readonly string[]
      readonly yes: boolean
    }
  | {
      readonly kind: 'ksm'
      readonly act: KsmAct
      readonly hosts: readonly string[]
      readonly json: boolean
      readonly yes: boolean
    }
  | {
      readonly kind: 'merge'
      readonly guest: string
      readonly merge: boolean
      readonly hosts: readonly string[]
      readonly json: boolean
      readonly yes: boolean
    }
  | {
      readonly kind: 'policy'
      readonly act: PolicyAct
      readonly hosts: readonly string[]
      readonly json: boolean
      readonly yes: boolean
      /** Absent: what a host runs by default once changes are allowed. */
      readonly policyPath?: string
      /** Absent: until interrupted. */
      readonly forSeconds?: number
      /** Whether another policy that a host's service was given gives way. */
      readonly replace: boolean
    }
  | {
      readonly kind: 'rollout'
      readonly hosts: readonly string[]
      readonly json: boolean
      readonly yes: boolean
      /** Absent: what a host runs by default once changes are allowed. */
      readonly policyPath?: string
      readonly stages: readonly string[]
      readonly waitSeconds: number
      /** After the last stage; absent: until interrupted. */
      readonly forSeconds?: number
    }
  | {
      readonly kind: 'service'
      readonly act: ServiceAct | 'status'
      readonly hosts: readonly string[]
      readonly json: boolean
      readonly yes: boolean
      /** Absent: the policy file of the host stays as it is. */
      readonly policyPath?: string
      /** Whether another policy file of a host gives way. */
      readonly replace: boolean
    }
  | ExperimentCommand
  | { readonly kind: 'hosts-list'; readonly json: boolean }
  | { readonly kind: 'hosts-add'; readonly address: string; readonly name: string | undefined }
  | { readonly kind: 'hosts-remove'; readonly host: string }
  | { readonly kind: 'uninstall'; readonly hosts: readonly string[]; readonly yes: boolean }
  | ReportCommand
  | CompareCommand
  | MapCommand
  | ForecastCommand
  | CapacityCommand

const options = {
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  yes: { type: 'boolean', short: 'y', default: false },
  'dry-run': { type: 'boolean', default: false },
  image: { type: 'string', multiple: true, default: [] as string[] },
  out: { type: 'string' },
  format: { type: 'string' },
  range: { type: 'string' },
  recorded: { type: 'boolean', default: false },
  template: { type: 'string' },
  quick: { type: 'boolean', default: false },
  per: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  moment: { type: 'string' },
  name: { type: 'string' },
  policy: { type: 'string' },
  for: { type: 'string' },
  replace: { type: 'boolean', default: false },
  stages: { type: 'string' },
  wait: { type: 'string' },
  like: { type: 'string' },
  ...experimentOptions,
} as const

type Values = ReturnType<typeof parse>['values']

const optionsOf: Readonly<Record<string, readonly (keyof typeof options)[]>> = {
  assess: ['json'],
  scrub: ['json', 'yes', 'dry-run', 'image'],
  ksm: ['json', 'yes'],
  policy: ['json', 'yes', 'policy', 'for', 'replace', 'stages', 'wait'],
  service: ['json', 'yes', 'policy', 'replace'],
  hosts: ['json', 'name', 'yes'],
  report: ['out', 'format', 'range', 'recorded', 'template'],
  experiment: ['json', 'yes', 'out', ...experimentOptionNames],
  compare: ['json', 'metric', 'per', 'range', 'from', 'to', 'moment'],
  map: ['out', 'quick'],
  forecast: ['json', 'yes'],
  capacity: ['json', 'like', 'policy'],
}

/** Throws `bad-input` for what no command takes. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args)
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  const [verb, ...rest] = positionals
  if (verb === undefined || verb === 'help') return { kind: 'help' }
  refuseForeignOptions(verb, values)
  const { json, yes } = values
  if (verb === 'assess') return { kind: 'assess', hosts: someHosts(verb, rest), json }
  if (verb === 'scrub') {
    const hosts = someHosts(verb, rest)
    return { kind: 'scrub', hosts, json, yes, dryRun: values['dry-run'], images: values.image }
  }
  if (verb === 'ksm' && rest[0] === 'merge') return { kind: 'merge', ...parseMerge(rest.slice(1)), json, yes }
  if (verb === 'ksm') return { kind: 'ksm', ...parseKsm(rest), json, yes }
  if (verb === 'policy') return parsePolicy(rest, values)
  if (verb === 'service') return parseService(rest, values)
  if (verb === 'experiment') return parseExperiment(rest, values)
  if (verb === 'hosts') return parseHosts(rest, values)
  if (verb === 'compare') return parseCompare(rest, values)
  if (verb === 'map') return parseMap(rest, values)
  if (verb === 'capacity') return parseCapacity(rest, values)
  if (verb === 'forecast') return parseForecast(rest, values)
  return parseReport(rest, values)
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error), error)
  }
}

function refuseForeignOptions(verb: string, values: Values): void {
  const allowed = optionsOf[verb]
  if (!allowed) throw wrong(`there is no command "${verb}"`)
  const given = Object.entries(values).filter(([, value]) => value === true || isText(value))
  const foreign = given.find(([name]) => !(allowed as readonly string[]).includes(name))
  if (foreign) throw wrong(`${verb} has no option --${foreign[0]}`)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.length > 0)
}

function parseKsm([act, ...hosts]: readonly string[]): { act: KsmAct; hosts: readonly string[] } {
  const acts: readonly KsmAct[] = ['status', 'start', 'stop', 'unmerge', 'restore']
  const known = acts.find((one) => one === act)
  if (!known) throw wrong(`ksm needs one of ${acts.join(', ')}, merge`)
  return { act: known, hosts: someHosts(`ksm ${known}`, hosts) }
}

function parsePolicy([act, ...hosts]: readonly string[], values: Values): Command {
  if (act === 'rollout') return parseRollout(hosts, values)
  const acts: readonly PolicyAct[] = ['preview', 'start', 'stop', 'status']
  const known = acts.find((one) => one === act)
  if (!known) throw wrong(`policy needs one of ${acts.join(', ')}, rollout`)
  for (const option of ['stages', 'wait'] as const)
    if (values[option] !== undefined) throw wrong(`policy ${known} has no option --${option}`)
  const takesPolicy = known === 'preview' || known === 'start'
  if (values.policy !== undefined && !takesPolicy) throw wrong(`policy ${known} has no option --policy`)
  for (const option of ['for', 'replace'] as const)
    if (values[option] && known !== 'start') throw wrong(`policy ${known} has no option --${option}`)
  return {
    kind: 'policy',
    act: known,
    hosts: someHosts(`policy ${known}`, hosts),
    json: values.json,
    yes: values.yes,
    replace: values.replace,
    ...withValue({
      policyPath: values.policy,
      forSeconds: values.for === undefined ? undefined : parseDuration(values.for),
    }),
  }
}

function parseService([act, ...hosts]: readonly string[], values: Values): Command {
  const { json, yes, policy, replace } = values
  const acts = [...serviceActs, 'status'] as const
  const known = acts.find((one) => one === act)
  if (!known) throw wrong(`service needs one of ${acts.join(', ')}`)
  if (policy !== undefined && known !== 'install') throw wrong(`service ${known} has no option --policy`)
  if (replace && policy === undefined) throw wrong('service has --replace only beside --policy')
  const asked = { act: known, hosts: someHosts(`service ${known}`, hosts), json, yes, replace }
  return { kind: 'service', ...asked, ...withValue({ policyPath: policy }) }
}

function parseRollout(hosts: readonly string[], values: Values): Command {
  if (values.replace) throw wrong('policy rollout has no option --replace')
  const stages = (values.stages ?? '1,25%,100%').split(',').map((stage) => stage.trim())
  const odd = stages.find((stage) => !rolloutStage.safeParse(stage).success)
  if (odd !== undefined)
    throw wrong(`"${odd}" is not a stage: write a number of hosts, or a share such as 25%`)
  return {
    kind: 'rollout',
    hosts: someHosts('policy rollout', hosts),
    json: values.json,
    yes: values.yes,
    stages,
    waitSeconds: parseDuration(values.wait ?? '60s'),
    ...withValue({ policyPath: values.policy }),
    ...(values.for !== undefined && { forSeconds: parseDuration(values.for) }),
  }
}

function parseMerge([guest, state, ...hosts]: readonly string[]) {
  if (!guest || (state !== 'on' && state !== 'off'))
    throw wrong('ksm merge needs a guest, then "on" or "off"')
  return { guest, merge: state === 'on', hosts: someHosts('ksm merge', hosts) }
}

function parseHosts([act, ...rest]: readonly string[], { json, name, yes }: Values): Command {
  const [first, ...more] = rest
  if (act === 'uninstall') return { kind: 'uninstall', hosts: someHosts('hosts uninstall', rest), yes }
  if (act === 'list' && first === undefined) return { kind: 'hosts-list', json }
  if (first === undefined || more.length > 0 || (act !== 'add' && act !== 'remove')) {
    throw wrong('hosts needs "list", "add HOST", "remove HOST" or "uninstall HOST"')
  }
  return act === 'add' ? { kind: 'hosts-add', address: first, name } : { kind: 'hosts-remove', host: first }
}
