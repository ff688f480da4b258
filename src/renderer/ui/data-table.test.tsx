// What a long table puts into the document, as first drawn; scrolling and focus are tried in a browser (test/e2e).

import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withValue } from '../../shared/with-value.ts'
import { DataTable } from './DataTable.tsx'
import type { RowGroup, TableColumn } from './table-column.ts'

interface Fruit {
  readonly id: number
}

const rowHeight = 40
const columns: TableColumn<Fruit>[] = [
  { id: 'id', title: 'Number', sortBy: ({ id }) => id, cell: ({ id }) => `fruit ${id}` },
]

interface Drawing {
  readonly count: number
  readonly desc?: boolean
  readonly groups?: readonly RowGroup<Fruit>[]
}

function draw({ count, desc = false, groups }: Drawing): string {
  return renderToStaticMarkup(
    <MantineProvider>
      <DataTable
        label="Fruit"
        rows={Array.from({ length: count }, (_, id) => ({ id }))}
        columns={columns}
        footers={{ id: 'Total' }}
        {...withValue({ groups })}
        rowKey={({ id }) => String(id)}
        rowHeight={rowHeight}
        initialSort={{ id: 'id', desc }}
      />
    </MantineProvider>,
  )
}

const rowsIn = (html: string) => [...html.matchAll(/data-row="(\d+)"/g)].map(([, id]) => Number(id))
const indexesIn = (html: string) => [...html.matchAll(/aria-rowindex="(\d+)"/g)].map(([, at]) => Number(at))
const gapsIn = (html: string) =>
  [...html.matchAll(/class="[^"]*gap[^"]*"[^>]*><td[^>]*height:(\d+)px/g)].map(([, px]) => Number(px))

describe('a table', () => {
  beforeEach(() => void vi.stubGlobal('innerHeight', 800))
  afterEach(() => void vi.unstubAllGlobals())

  it('is drawn whole while it is short, and tells no places', () => {
    const html = draw({ count: 59 })
    expect(rowsIn(html)).toEqual(Array.from({ length: 59 }, (_, id) => id))
    expect(html).not.toMatch(/aria-row|class="[^"]*gap/)
  })

  it('of a thousand rows draws those in the window and a few more, in the order they are sorted', () => {
    const html = draw({ count: 1000, desc: true })
    const drawn = rowsIn(html)
    expect(drawn.length).toBeGreaterThanOrEqual(800 / rowHeight)
    expect(drawn.length).toBeLessThan(40)
    expect(drawn[0]).toBe(999)
    expect(gapsIn(html)).toEqual([(1000 - drawn.length) * rowHeight])
  })

  it('tells how many rows there are, heads and totals included, and the place of each', () => {
    const html = draw({ count: 1000 })
    const count = rowsIn(html).length
    expect(html).toContain('aria-rowcount="1002"')
    expect(indexesIn(html)).toEqual([1, ...Array.from({ length: count }, (_, at) => at + 2), 1002])
  })

  it('counts the heads of groups among its rows', () => {
    const half = (key: string, rest: number) => ({
      key,
      head: key,
      holds: ({ id }: Fruit) => id % 2 === rest,
    })
    const html = draw({ count: 100, groups: [half('even', 0), half('odd', 1)] })
    expect(html).toContain('aria-rowcount="104"')
    expect(rowsIn(html).slice(0, 3)).toEqual([0, 2, 4])
    expect(indexesIn(html).slice(0, 3)).toEqual([1, 2, 3])
    expect(html.match(/scope="rowgroup"/g)).toHaveLength(1)
  })
})
