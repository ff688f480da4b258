// What a table is made of.
import type { ReactNode } from 'react'

export interface TableColumn<T> {
  readonly id: string
  readonly title: string
  /** Instead of the title, where a control stands at the head. */
  readonly head?: ReactNode
  /** What the column means and where its figure comes from. */
  readonly about?: string
  readonly numeric?: boolean
  readonly width?: number | string
  /** Absent: not sortable. Undefined values come last in both directions. */
  readonly sortBy?: (row: T) => number | string | undefined
  readonly cell: (row: T) => ReactNode
}

export interface RowGroup<T> {
  readonly key: string
  readonly head: ReactNode
  readonly holds: (row: T) => boolean
}
