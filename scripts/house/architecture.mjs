// The part of ARCHITECTURE.md that is generated from the table of rooms.
import { ROOMS } from './rooms.mjs'

const BEGIN = '<!-- rooms: written by npm run format -->'
const END = '<!-- end of rooms -->'

/** The page with the rooms of the table. Throws where it has no place for them. @param {string} text */
export function withRooms(text) {
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (start < 0 || end < start) throw new Error(`cannot write the rooms: no "${BEGIN}" in the page`)
  return `${text.slice(0, start)}${BEGIN}\n\n${listRooms()}\n\n${text.slice(end)}`
}

function listRooms() {
  const rows = ROOMS.map(({ room, owns, imports }) => `| \`${room}\` | ${owns} | ${shorten(room, imports)} |`)
  return ['| room | owns | imports, of its own process |', '|---|---|---|', ...rows].join('\n')
}

/** @param {string} room @param {readonly string[]} imports */
function shorten(room, imports) {
  if (imports.length > 6) return `${imports.length} rooms above it`
  const folder = room.slice(0, room.lastIndexOf('/') + 1)
  return imports.map((name) => (name.startsWith(folder) ? name.slice(folder.length) : name)).join(', ') || '–'
}
