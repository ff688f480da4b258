// A forecast across hosts as text: pairs of hosts, and the moves that win most.
import type { Forecast, ForecastEstimate } from '../contract/forecast.ts'
import { formatBytes } from '../units.ts'
import { tableLines } from './table.ts'
import { ownLines } from './terminal.ts'

const maxMoves = 20

/** The twenty best moves at most. Pure. */
export function formatForecast({ hosts, pairs, moves, notes }: Forecast): string {
  const nameOf = (id: string) => hosts.find(({ hostId }) => hostId === id)?.name ?? id
  const shownPairs = pairs.map(({ a, b, won }) => [nameOf(a), nameOf(b), ...estimateCells(won)])
  const shownMoves = moves
    .slice(0, maxMoves)
    .map(({ guest, from, to, won, fits }) => [
      guest,
      nameOf(from),
      nameOf(to),
      ...estimateCells(won),
      fits === undefined ? 'not known' : fits ? 'yes' : 'no',
    ])
  return ownLines([
    'All guests of two hosts on one would share:',
    ...tableLines(['host', 'host', 'bytes', '95 % interval'], shownPairs),
    '',
    shownMoves.length === 0 ? 'No move of a single guest would win memory.' : 'Moves that win most:',
    ...(shownMoves.length === 0
      ? []
      : tableLines(['guest', 'from', 'to', 'wins', '95 % interval', 'fits'], shownMoves)),
    ...(moves.length > maxMoves ? [`and ${moves.length - maxMoves} more; --json has them all`] : []),
    ...notes,
  ])
}

function estimateCells({ bytes, low, high }: ForecastEstimate): [string, string] {
  return [formatBytes(bytes), low === high ? 'exact' : `${formatBytes(low)} to ${formatBytes(high)}`]
}
