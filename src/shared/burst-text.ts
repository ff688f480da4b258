// How a burst of KSM stands, in words, the same on every screen and in every terminal.
import type { KsmBurst } from './contract/ksm.ts'
import { formatCount } from './units.ts'

export function describeKsmBurst({ state, wholePasses }: KsmBurst): string {
  const passes = wholePasses === 1 ? '1 whole pass' : `${formatCount(wholePasses)} whole passes`
  switch (state) {
    case 'running':
      return `burst running (${passes}); ends when two whole passes are done and the last found nothing more`
    case 'realised':
      return `realised after ${passes}: scanning has ended, what is merged stays`
    case 'stopped':
      return `burst stopped before its end, after ${passes}`
    case 'unwatched':
      return `burst running (${passes}), but the helper that would end it is gone: stop it`
  }
}
