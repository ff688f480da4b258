// Plain-text tables: columns as wide as their widest cell.

/** Columns whose heading starts with a space are set to the right. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.trim().length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    headings
      .map((heading, column) => {
        const cell = (cells[column] ?? '').trim()
        const width = widths[column] ?? 0
        return heading.startsWith(' ') ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(headings), ...rows.map(line)].map((text) => `${text}\n`).join('')
}
