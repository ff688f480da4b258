// Which lines of a long table stand in the document: those near what the browser's window shows of it.
import { type Range, useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef } from 'react'
import { indexesToDraw, type Piece, piecesOf, roundRange, type TableLine } from './table-lines.ts'
import { usePrinting } from './use-printing.ts'

/** Shorter tables are drawn whole: the browser's own search then finds every row. */
const windowedFrom = 60
/** Lines drawn beyond either edge at least, so that a fast scroll does not show blank ones. */
const overscan = 4
/** Lines come and go by so many: each time the whole table is laid out. */
const linesAtOnce = 8
const maxReportsOfFrame = 5

interface LineWindow {
  readonly pieces: readonly Piece[]
  /** Ref of each line's element, which has its index in `data-index`. */
  readonly measure: (element: HTMLTableRowElement | null) => void
}

/**
 * Offsets are those of the table against the browser's window, so that it does not matter whether the page scrolls or a
 * box in it. Undefined: the table is short, all lines are to be drawn.
 */
export function useLineWindow(
  table: RefObject<HTMLTableElement | null>,
  lines: readonly TableLine<unknown>[],
  { lineHeight, kept }: { readonly lineHeight: number; readonly kept: string | undefined },
): LineWindow | undefined {
  // On paper every line is drawn.
  const enabled = !usePrinting() && lines.length >= windowedFrom
  const report = useRef<() => void>(undefined)
  const keptIndex = enabled && kept !== undefined ? lines.findIndex(({ key }) => key === kept) : -1
  const kinds = useMemo(() => lines.map(({ kind }) => kind), [lines])
  const rangeExtractor = useCallback(
    (range: Range) =>
      indexesToDraw(kinds, roundRange(range, linesAtOnce), keptIndex < 0 ? undefined : keptIndex),
    [kinds, keptIndex],
  )
  const virtualizer = useVirtualizer<HTMLTableElement, HTMLTableRowElement>({
    enabled,
    count: lines.length,
    overscan,
    rangeExtractor,
    getItemKey: useCallback((index: number) => lines[index]?.key ?? index, [lines]),
    estimateSize: () => lineHeight,
    getScrollElement: () => table.current,
    initialRect: { width: 0, height: globalThis.innerHeight },
    observeElementRect: (_, onRect) => listen(['resize'], () => onRect(windowRect())),
    observeElementOffset: ({ scrollElement }, onOffset) => {
      report.current = () => scrollElement && onOffset(offsetOf(scrollElement), false)
      return listen(['scroll', 'resize'], report.current)
    },
    // Focus scrolls, and the browser keeps what is seen in place when lines above it turn out higher or lower.
    scrollToFn: () => undefined,
    useFlushSync: false,
  })
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = () => false
  useReports(report, enabled)
  if (!enabled) return undefined
  return {
    pieces: piecesOf(virtualizer.getVirtualItems(), virtualizer.getTotalSize()),
    measure: virtualizer.measureElement,
  }
}

/**
 * What stands above the table may have come or gone without any scrolling, so where it is is told after each drawing. Which
 * lines are drawn decides how wide columns and how high lines are, and that which are drawn: where this goes in a circle,
 * it goes on in the next frame, as React ends a circle of fifty drawings with an error.
 */
function useReports(report: RefObject<(() => void) | undefined>, enabled: boolean): void {
  const left = useRef(maxReportsOfFrame)
  useLayoutEffect(() => {
    if (!enabled) return undefined
    if (left.current > 0) {
      left.current -= 1
      report.current?.()
    }
    const frame = requestAnimationFrame(() => {
      const wasCut = left.current === 0
      left.current = maxReportsOfFrame
      if (wasCut) report.current?.()
    })
    return () => cancelAnimationFrame(frame)
  })
}

function windowRect() {
  return { width: innerWidth, height: innerHeight }
}

/** Pixels of the body that have left the window at its top; negative while it begins below. */
function offsetOf(table: HTMLTableElement): number {
  return -(table.tBodies[0] ?? table).getBoundingClientRect().top
}

/** Hears every box that scrolls: their events do not bubble, but can be captured. */
function listen(events: readonly string[], listener: () => void): () => void {
  for (const event of events) addEventListener(event, listener, { capture: true, passive: true })
  listener()
  return () => {
    for (const event of events) removeEventListener(event, listener, { capture: true })
  }
}
