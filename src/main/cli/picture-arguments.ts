// What `map`, `forecast` and `capacity` are asked for. Pure.
import { withValue } from '../../shared/with-value.ts'
import { someHosts, wrong } from './command-words.ts'

export interface MapCommand {
  readonly kind: 'map'
  readonly host: string
  readonly out: string
  /** False: in seconds also on a host of a TiB, without comparing contents. */
  readonly contents: boolean
}

export interface ForecastCommand {
  readonly kind: 'forecast'
  readonly hosts: readonly string[]
  readonly json: boolean
  readonly yes: boolean
}

export interface CapacityCommand {
  readonly kind: 'capacity'
  readonly hosts: readonly string[]
  readonly json: boolean
  /** Absent: the guest of median size. */
  readonly like?: string
  /** Absent: what a host runs by default once changes are allowed. */
  readonly policyPath?: string
}

/** Throws `bad-input` for another number of hosts than one. */
export function parseMap(
  hosts: readonly string[],
  values: { readonly out?: string | undefined; readonly quick: boolean },
): MapCommand {
  const [host] = hosts
  if (host === undefined || hosts.length > 1) throw wrong('map needs one host; this machine is "local"')
  if (values.out === undefined || !values.out.endsWith('.png')) throw wrong('map needs --out FILE.png')
  return { kind: 'map', host, out: values.out, contents: !values.quick }
}

/** Throws `bad-input` for fewer than two different hosts. */
export function parseForecast(
  hosts: readonly string[],
  { json, yes }: { readonly json: boolean; readonly yes: boolean },
): ForecastCommand {
  const wanted = someHosts('forecast', hosts)
  if (wanted.length < 2) throw wrong('forecast needs at least two hosts')
  return { kind: 'forecast', hosts: wanted, json, yes }
}

/** Throws `bad-input` where no host is named, or a guest without a name. */
export function parseCapacity(
  hosts: readonly string[],
  values: {
    readonly json: boolean
    readonly like?: string | undefined
    readonly policy?: string | undefined
  },
): CapacityCommand {
  if (values.like === '') throw wrong('--like needs the name or the process of a guest')
  return {
    kind: 'capacity',
    hosts: someHosts('capacity', hosts),
    json: values.json,
    ...withValue({ like: values.like, policyPath: values.policy }),
  }
}
