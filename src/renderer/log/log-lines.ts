// Log lines of a host: the list asked for once, joined with the lines announced since. Pure.
import type { LogLine } from '../../shared/contract/index.ts'

export type LogLevel = 'all' | 'warning' | 'error'

const levels: Readonly<Record<LogLevel, readonly LogLine['level'][]>> = {
  all: ['info', 'warning', 'error'],
  warning: ['warning', 'error'],
  error: ['error'],
}

/** A line may be in both lists when it was written while the first was on its way. */
export function mergeLog(earlier: readonly LogLine[], added: readonly LogLine[]): LogLine[] {
  const known = new Set(earlier.map((line) => `${line.at} ${line.text}`))
  const news = added.filter((line) => !known.has(`${line.at} ${line.text}`))
  return [...earlier, ...news].sort((a, b) => a.at - b.at)
}

export function filterLog(lines: readonly LogLine[], text: string, level: LogLevel): LogLine[] {
  const wanted = text.toLowerCase()
  return lines.filter(
    (line) => levels[level].includes(line.level) && line.text.toLowerCase().includes(wanted),
  )
}

export function formatLog(lines: readonly LogLine[]): string {
  return lines.map(({ at, level, text }) => `${new Date(at).toISOString()} ${level} ${text}`).join('\n')
}
