// Focus among the rows of a table by keyboard, also to rows that are not in the document yet.
import { type FocusEvent, type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { indexAfterKey, type TableLine } from './table-lines.ts'

interface RowFocus {
  /** Key of the line that has, or last had, the focus: it stays in the document. */
  readonly kept: string | undefined
  readonly noteFocus: (event: FocusEvent<HTMLTableElement>) => void
  /** Goes where `key` leads from the line; false: nowhere. Stays the same function. */
  readonly step: (from: string, key: string) => boolean
}

export function useRowFocus(
  table: RefObject<HTMLTableElement | null>,
  lines: readonly TableLine<unknown>[],
): RowFocus {
  const [kept, setKept] = useState<string>()
  const wanted = useRef<string>(undefined)
  const latest = useRef(lines)
  latest.current = lines
  useLayoutEffect(() => {
    if (wanted.current === undefined) return
    focusLine(table.current, wanted.current)
    wanted.current = undefined
  })
  const step = useCallback(
    (from: string, key: string) => {
      const kinds = latest.current.map(({ kind }) => kind)
      const index = indexAfterKey(
        kinds,
        latest.current.findIndex((line) => line.key === from),
        key,
      )
      const target = index === undefined ? undefined : latest.current[index]?.key
      if (target === undefined) return false
      if (focusLine(table.current, target)) return true
      // Kept means drawn; the effect focuses it then.
      wanted.current = target
      setKept(target)
      return true
    },
    [table],
  )
  const noteFocus = useCallback((event: FocusEvent<HTMLTableElement>) => {
    const line = event.target.closest<HTMLElement>('tr[data-line]')?.dataset.line
    if (line !== undefined) setKept(line)
  }, [])
  return { kept, noteFocus, step }
}

function focusLine(table: HTMLTableElement | null, key: string): boolean {
  const element = table?.querySelector<HTMLElement>(`tr[data-line="${CSS.escape(key)}"]`)
  element?.focus()
  return element !== null && element !== undefined
}
