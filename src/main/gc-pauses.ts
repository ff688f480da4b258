// Keeps the pauses of the garbage collector short in a process that stays.
import { setFlagsFromString } from 'node:v8'

/**
 * The young generation does not grow: collecting it holds the event loop for as long as what lives in it takes to copy,
 * with a hundred hosts 30 ms and more where it may grow to its usual 16 MiB. Source: V8, heap/new-spaces.cc, `Grow`.
 */
export function keepPausesShort(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
