// How a burst of KSM stands, in words, the same on every screen and in every terminal.
import type { KsmBurst } from './contract/ksm.ts'
import { formatBytes, formatCount } from './units.ts'

export function describeKsmBurst({ state, wholePasses, gainedBytes }: KsmBurst): string {
  const passes = wholePasses === 1 ? '1 whole pass' : `${formatCount(wholePasses)} whole passes`
  const gained = `${formatBytes(Math.max(0, gainedBytes))} merged in ${passes}`
  switch (state) {
    case 'running':
      return `burst running (${gained}); ends when two whole passes are done and the last found nothing more`
    case 'realised':
      return `realised: ${gained}, then scanning ended`
    case 'stopped':
      return `burst stopped before its end: ${gained}`
    case 'unwatched':
      return `burst running (${gained}), but the helper that would end it is gone: stop it`
  }
}
