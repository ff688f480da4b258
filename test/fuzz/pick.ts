import type { Random } from '../../src/shared/statistics/random.ts'

/** One of them, each as often as any other. */
export function pick<T>(from: readonly T[], random: Random): T {
  return from[random.below(from.length)] as T
}
