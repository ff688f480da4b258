// Generates the lint rules of biome.json that keep each room to its imports: `node scripts/house/lint-rules.mjs`.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HELPER_ROOMS, MAIN_ROOMS, ROOMS } from './rooms.mjs'

/** @typedef {import('./rooms.mjs').Room} Room */

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const BIOME = join(ROOT, 'biome.json')
const NOT_TESTS = ['!**/*.test.ts', '!**/*.test.tsx']
/** Every package that some room uses; a room is refused those that its row does not name. */
const PACKAGES = [...new Set(ROOMS.flatMap(({ packages }) => packages ?? []).concat('bun', 'bun:*'))]
/** One process: what another of them holds is out of reach, whatever the row says. */
const OTHER_PROCESSES = {
  'src/shared': ['**/main/**', '**/renderer/**', '**/helper/**', '**/preload/**'],
  'helper/src': ['**/src/main/**', '**/src/renderer/**', '**/src/preload/**'],
  'src/main': ['**/helper/src/**', '**/renderer/**', '**/preload/**'],
  'src/renderer': ['**/main/**', '**/helper/**', '**/preload/**'],
  'src/preload': ['**/main/**', '**/renderer/**', '**/helper/**'],
}

/** The room that a file lies in; undefined: in none. @param {string} path @returns {Room | undefined} */
export function roomOf(path) {
  return ROOMS.find(({ room }) => path === room || path.startsWith(`${room}/`))
}

/** @param {Room} room @param {string} name */
export function isAllowedPackage({ packages = [] }, name) {
  return packages.some((pattern) => {
    const [start = ''] = pattern.split('*')
    return pattern.includes('*') ? name.startsWith(start) : name === pattern
  })
}

/** `bun:ffi` lies in `bun:*`: refusing the second would refuse the first. @param {string} allowed @param {string} name */
function overlaps(allowed, name) {
  return allowed === name || (name.endsWith('*') && allowed.startsWith(name.slice(0, -1)))
}

/** @param {Room} room */
function ruleOf(room) {
  const siblings = [HELPER_ROOMS, MAIN_ROOMS].find((rooms) => rooms.includes(room)) ?? []
  const refusedRooms = siblings
    .filter((other) => other !== room && !room.imports.includes(other.room))
    .map((other) => basename(other.room))
    .map((name) => (name.includes('.') ? `../${name}` : `../${name}/**`))
  const process = Object.entries(OTHER_PROCESSES).find(([folder]) => room.room.startsWith(folder))
  const refusedPackages = PACKAGES.filter(
    (name) => !(room.packages ?? []).some((allowed) => overlaps(allowed, name)),
  )
  const group = [...refusedPackages, ...(process?.[1] ?? []), ...refusedRooms]
  const isFile = room.room.endsWith('.ts')
  const message = `${room.room} may not import this: see the table of rooms in ARCHITECTURE.md.`
  return {
    includes: [isFile ? room.room : `${room.room}/**`, ...NOT_TESTS],
    linter: {
      rules: {
        style: { noRestrictedImports: { level: 'error', options: { patterns: [{ group, message }] } } },
      },
    },
  }
}

/** biome.json with the rules of the table. @param {string} text @returns {string} */
export function withLintRules(text) {
  const config = JSON.parse(text)
  const kept = config.overrides.filter(
    /** @param {{ includes: string[] }} override */
    ({ includes }) => !ROOMS.some(({ room }) => [room, `${room}/**`].includes(includes[0] ?? '')),
  )
  return `${JSON.stringify({ ...config, overrides: [...kept, ...ROOMS.map(ruleOf)] }, null, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(BIOME, withLintRules(readFileSync(BIOME, 'utf8')))
}
