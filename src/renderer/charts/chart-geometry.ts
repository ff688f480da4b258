// Where instants stand in a chart: the plot lies within its box by fixed insets, so that nothing has to be measured. Pure.

export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** Pixels around the plot; left and bottom hold the axes. */
export const insets = { top: 6, right: 14, bottom: 22, left: 64 } as const

/** `x`: pixels from the left edge of a box of this width. Kept within the range. */
export function instantAt(x: number, width: number, { from, to }: TimeRange): number {
  const plot = Math.max(1, width - insets.left - insets.right)
  const share = Math.min(1, Math.max(0, (x - insets.left) / plot))
  return from + share * (to - from)
}

/** For `left` of an element in the box. */
export function leftOf(at: number, range: TimeRange): string {
  const share = shareOf(at, range)
  return `calc(${insets.left}px + (100% - ${insets.left + insets.right}px) * ${share.toFixed(5)})`
}

/** 0 at the left end of the range, 1 at the right. */
export function shareOf(at: number, { from, to }: TimeRange): number {
  return (at - from) / Math.max(1, to - from)
}

/** The range closer around an instant (factor below 1) or farther. */
export function zoomAround(at: number, { from, to }: TimeRange, factor: number): TimeRange {
  return { from: at - (at - from) * factor, to: at + (to - at) * factor }
}
