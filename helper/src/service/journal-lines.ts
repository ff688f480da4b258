// Lines for systemd's journal, each with its level in front. Source: sd-daemon(3).
import { inLine } from '../../../src/shared/text/terminal.ts'

export interface Journal {
  error(line: string): void
  warning(line: string): void
  info(line: string): void
}

const levels = { error: 3, warning: 4, info: 6 } as const

/** Without systemd the lines are for a terminal, and go without levels. */
export function journalLines(
  write: (text: string) => void,
  environment: Readonly<Record<string, string | undefined>>,
): Journal {
  const isJournal = environment.JOURNAL_STREAM !== undefined
  const line = (level: keyof typeof levels) => (text: string) =>
    write(`${isJournal ? `<${levels[level]}>` : ''}${inLine(text, 4096)}\n`)
  return { error: line('error'), warning: line('warning'), info: line('info') }
}
