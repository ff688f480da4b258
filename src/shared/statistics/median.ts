// The median, of which every estimate, comparison and benchmark means the same.

/** Of an even number the mean of the two in the middle. NaN without values. Pure. */
export function medianOf(values: readonly number[]): number {
  return medianOfSorted(Float64Array.from(values).sort())
}

/** Like `medianOf`, of values in ascending order. */
export function medianOfSorted(sorted: Float64Array): number {
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}
