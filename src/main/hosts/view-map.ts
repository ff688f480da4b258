// The cells of a memory map that a helper holds. Whoever draws them makes room for what comes back.
import { cellsOfStrip, type MapCells, type MapView } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import type { Fleet } from './fleet.ts'

const answersWithinMs = 20_000

/** Throws `gone` for a map that is held no longer, and `protocol` where a host answers with more than it was asked for. */
export async function viewMap(
  fleet: Pick<Fleet, 'find'>,
  { hostId, ...view }: MapView & { readonly hostId: string },
  signal: AbortSignal,
): Promise<MapCells> {
  const { session } = fleet.find(hostId)
  const answer = await session.call('map/view', view, { signal, timeoutMs: answersWithinMs })
  const asked = view.strips.map(({ index }) => index)
  const isWhatWasAsked =
    answer.strips.length === asked.length &&
    answer.strips.every((strip, at) => strip.index === asked[at] && cellsOfStrip(strip) <= view.cells)
  if (!isWhatWasAsked)
    throw new Problem('protocol', 'cannot show the map: the helper answers with other strips or more cells')
  return answer
}
