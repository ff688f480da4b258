// What comes from a host gets the workbench's time as it arrives: hosts' clocks differ, and step. Pure except for the clock.
import { wallClock } from '../../shared/time/wall-clock.ts'

/** Whatever the host put there is overwritten. */
export function arrive<T extends { readonly at: number }>(document: T): T & { readonly arrivedAt: number } {
  return { ...document, arrivedAt: wallClock() }
}

/**
 * Seconds by which the host's clock is ahead of ours, at least; negative: behind. 0 where the host's time lies between
 * our question and its answer: then nothing can be said. Pure.
 */
export function clockAheadSeconds(
  { at, arrivedAt }: { readonly at: number; readonly arrivedAt: number },
  roundTripMs: number,
): number {
  if (at > arrivedAt) return (at - arrivedAt) / 1000
  return Math.min(0, at - (arrivedAt - roundTripMs)) / 1000
}
