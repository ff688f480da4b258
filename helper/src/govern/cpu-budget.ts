// What the governor itself may cost: looks and measurements are spaced so that they stay within a share of a core.

/** Of one core, for looking; on average over any interval. */
const lookCpuRatio = 0.04
/** Of one core, for measuring guests' memory, on average between two measurements. */
const measureCpuRatio = 0.05

/** When to look again: as wished, or later where the last look cost too much for that. */
export function nextLookSeconds(wishedSeconds: number, lookCpuSeconds: number): number {
  return Math.max(wishedSeconds, lookCpuSeconds / lookCpuRatio)
}

/** Whether the last measurement is long enough ago for its cost; undefined: none was made. */
export function mayMeasure(
  last: { readonly atSeconds: number; readonly cpuSeconds: number } | undefined,
  nowSeconds: number,
): boolean {
  return last === undefined || nowSeconds - last.atSeconds >= last.cpuSeconds / measureCpuRatio
}
