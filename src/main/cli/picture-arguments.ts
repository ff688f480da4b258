// What `map` and `forecast` are asked for. Pure.
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
