// Which part of each strip is shown: the same share of all, so that strips stay beside each other. Pure.

/** Shares of a strip, from 0 to 1. */
export interface MapWindow {
  readonly from: number
  readonly to: number
}

export const wholeMap: MapWindow = { from: 0, to: 1 }

/** Zooms by a factor (above 1: closer) and keeps what is at `center`, a share of the window, where it is. */
export function zoomed({ from, to }: MapWindow, factor: number, center: number, minWidth: number): MapWindow {
  const width = Math.min(1, Math.max(minWidth, (to - from) / factor))
  const fixed = from + (to - from) * center
  return within(fixed - width * center, width)
}

/** By a share of the window, to the right where it is above 0. */
export function moved({ from, to }: MapWindow, by: number): MapWindow {
  return within(from + (to - from) * by, to - from)
}

function within(from: number, width: number): MapWindow {
  const start = Math.min(1 - width, Math.max(0, from))
  return { from: start, to: start + width }
}

/** Pages of a strip in the window: at least one. */
export function pagesIn(
  { from, to }: MapWindow,
  pages: number,
): { readonly from: number; readonly to: number } {
  const first = Math.min(Math.max(0, pages - 1), Math.floor(from * pages))
  return { from: first, to: Math.max(first + 1, Math.min(pages, Math.ceil(to * pages))) }
}
