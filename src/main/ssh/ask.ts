// How main asks the person something while a connection is being made.
import type { LogLine } from '../../shared/contract/index.ts'
import type { PromptAnswer, PromptQuestion } from '../../shared/contract/prompts.ts'

/** Resolves with the answer, or rejects when `signal` aborts: the question is then withdrawn. */
export type Ask = (question: PromptQuestion, signal: AbortSignal) => Promise<PromptAnswer>

export type OnLog = (level: LogLine['level'], text: string) => void
