// The command `map`: takes a map of one host's memory and draws it.
import type { MapCells, MemoryMap } from '../../shared/contract/index.ts'
import { maxMapCells } from '../../shared/contract/index.ts'
import { describeUndrawn, drawnStrips } from '../../shared/memory-map/drawn-strips.ts'
import { Problem, problemFromData } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { formatMap } from '../../shared/text/map-text.ts'
import type { CommandTools } from './command-tools.ts'
import { findTargets, onEachHost, type Target } from './each-host.ts'
import { drawMap, pictureCells } from './map-picture.ts'
import type { MapCommand } from './picture-arguments.ts'
import { encodePng } from './png.ts'
import { isOwnStdout, writeWhole } from './write-whole.ts'

interface Mapped {
  readonly map: MemoryMap
  readonly cells: MapCells
}

/** Prints the bytes by state as well. Throws where the host cannot be mapped; no file is written then. */
export async function writeMap({ host, out, contents }: MapCommand, tools: CommandTools): Promise<number> {
  const { workbench, terminal } = tools
  const targets = await findTargets(workbench.fleet, [host], false)
  const work = async ({ hostId }: Target, context: CallContext): Promise<Mapped> => {
    const map = await workbench.handlers['map/take']({ hostId, contents }, context)
    return { map, cells: await viewAll(hostId, drawnStrips(map), tools, context) }
  }
  const [answer] = await onEachHost(workbench.fleet, targets, work, tools)
  if (!answer?.answer)
    throw answer?.problem ? problemFromData(answer.problem) : new Problem('internal', 'no answer')
  const { map, cells } = answer.answer
  writeWhole(out, encodePng(drawMap(map, cells, `${host}  ${new Date(map.at).toISOString().slice(0, 19)}Z`)))
  const undrawn = describeUndrawn(map)
  const told = `${formatMap(map)}\nwrote ${out}${undrawn === undefined ? '' : `. ${undrawn}`}`
  if (isOwnStdout(out)) terminal.warn(told)
  else terminal.print(told)
  return 0
}

/** Guests first, as many strips at once as one answer has room for. */
async function viewAll(
  hostId: string,
  map: MemoryMap,
  { workbench }: CommandTools,
  context: CallContext,
): Promise<MapCells> {
  const atOnce = Math.floor(maxMapCells / pictureCells)
  const strips: MapCells['strips'] = []
  for (let at = 0; at < map.strips.length; at += atOnce) {
    const some = map.strips.slice(at, at + atOnce).map(({ index, pages }) => ({ index, from: 0, to: pages }))
    const view = { hostId, map: map.id, strips: some, cells: pictureCells }
    strips.push(...(await workbench.handlers['map/view'](view, context)).strips)
  }
  return { strips }
}
