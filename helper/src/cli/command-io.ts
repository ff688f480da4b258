// What a command of the helper may write to, and how it learns that it should stop.

export interface CommandIo {
  /** The result: text or one JSON document. */
  out(text: string): void
  /** Progress and errors. */
  err(text: string): void
  /** Whether `err` is a terminal. */
  isTty: boolean
  signal: AbortSignal
}
