// What adding hosts from pasted text would do: each with its way by the SSH configuration, and those known already.
import { setImmediate } from 'node:timers/promises'
import type { HostImport, ImportCandidate, ImportedHost, SavedHost } from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { type Destination, findDestination, type LoadedConfig, loadConfig } from '../ssh/destination.ts'
import type { SshEnvironment } from '../ssh/environment.ts'
import { readInventory } from './read-inventory.ts'

export interface PreviewContext {
  readonly environment: SshEnvironment
  readonly saved: readonly SavedHost[]
}

/** Throws `bad-input` naming the line for an inventory that Ansible would refuse. Connects to nothing. */
export async function previewImport(text: string, context: PreviewContext): Promise<HostImport> {
  const { hosts, problems } = await readInventory(text)
  const config = await loadConfig(context.environment)
  const known = await placesOf(context.saved, config)
  const earlier = new Map<string, string>()
  const candidates: ImportCandidate[] = []
  for (const host of hosts) {
    const place = await findPlace(host.address, config)
    candidates.push(describe(host, place, known, earlier))
    if ('label' in place && !earlier.has(keyOf(place))) earlier.set(keyOf(place), host.name)
  }
  return { hosts: candidates, problems: [...problems] }
}

type Place = Pick<Destination, 'label'> & Partial<Destination>
type NoPlace = { readonly problem: string }

/** Two spellings of one destination (an alias, an address with the default user) are one place. */
async function findPlace(address: string, config: LoadedConfig): Promise<Place | NoPlace> {
  // Nothing below waits for anything outside, so others get their turn here.
  await setImmediate()
  if (address === 'local') return { label: 'local' }
  try {
    return await findDestination(config, address)
  } catch (error) {
    if (error instanceof Problem) return { problem: asProblem(error).message }
    throw error
  }
}

/** The same private address behind two jump hosts is two hosts. */
function keyOf({ label, route }: Place): string {
  if (route?.kind === 'jump') return `${label} through ${route.hops.join()}`
  return route?.kind === 'command' ? `${label} by ${route.command}` : label
}

async function placesOf(
  saved: readonly SavedHost[],
  config: LoadedConfig,
): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>()
  for (const { name, address } of saved) {
    const place = await findPlace(address, config)
    if ('label' in place) places.set(keyOf(place), name)
  }
  return places
}

function describe(
  host: ImportedHost,
  place: Place | NoPlace,
  known: ReadonlyMap<string, string>,
  earlier: ReadonlyMap<string, string>,
): ImportCandidate {
  if ('problem' in place) return { ...host, problems: [...host.problems, place.problem] }
  const savedAs = known.get(keyOf(place))
  const twin = earlier.get(keyOf(place))
  const { user, hostName, port, route, notes = [] } = place
  const twins = twin === undefined ? [] : [`leads to the same place as ${twin}`]
  return {
    ...host,
    problems: [...host.problems, ...twins, ...notes],
    ...(user !== undefined &&
      hostName !== undefined &&
      port !== undefined && {
        route: { user, hostName, port, jumps: route?.kind === 'jump' ? [...route.hops] : [] },
      }),
    ...withValue({ savedAs }),
  }
}
