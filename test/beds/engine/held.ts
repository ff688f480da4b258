// What a helper holds of guests: what it must have given back once it has answered.
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const WATCHED_MS = 2_000
const LOOK_MS = 20

export interface Held {
  readonly descriptors: number
  /** Of files of guests. */
  readonly mappings: number
}

export function readHeld(pid: number): Held {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8')
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    mappings: maps.split('\n').filter((line) => /\.(qcow2|raw)/.test(line)).length,
  }
}

/** The least of two seconds, of a helper that does not rest: it opens and closes files of its own all the time. */
export async function leastHeld(pid: number): Promise<Held> {
  const until = performance.now() + WATCHED_MS
  let least = readHeld(pid)
  while (performance.now() < until) {
    await sleep(LOOK_MS)
    const { descriptors, mappings } = readHeld(pid)
    least = {
      descriptors: Math.min(least.descriptors, descriptors),
      mappings: Math.min(least.mappings, mappings),
    }
  }
  return least
}
