// Two texts line by line: what to take out and what to put in to come from one to the other. Pure.

export interface DifferentLine {
  readonly kind: 'same' | 'out' | 'in'
  readonly text: string
}

/** Lines in common are as many as can be. Meant for texts of some thousand lines at most: the cost grows with its square. */
export function compareLines(before: string, after: string): DifferentLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')]
  const common = countCommon(old, now)
  const lines: DifferentLine[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]]
    if (left !== undefined && left === right) {
      lines.push({ kind: 'same', text: left })
      i += 1
      j += 1
    } else if (right === undefined || (left !== undefined && at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push({ kind: 'out', text: left ?? '' })
      i += 1
    } else {
      lines.push({ kind: 'in', text: right })
      j += 1
    }
  }
  return lines
}

/** How many lines the rests of both have in common, by where the rests begin. */
function countCommon(old: readonly string[], now: readonly string[]): readonly Uint16Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1))
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const row = rows[i]
      if (row === undefined) continue
      row[j] =
        old[i] === now[j] ? at(rows, i + 1, j + 1) + 1 : Math.max(at(rows, i + 1, j), at(rows, i, j + 1))
    }
  return rows
}

function at(rows: readonly Uint16Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0
}
