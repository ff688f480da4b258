// What every command works with: the services, the terminal, asking for consent, and printing what each host answered.
import { Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import type { Workbench } from '../workbench.ts'
import type { Command } from './arguments.ts'
import type { HostAnswer } from './each-host.ts'
import { renderAnswers, renderJson } from './render.ts'
import type { Terminal } from './terminal.ts'

export interface CommandTools {
  readonly workbench: Workbench
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

/** For calls that nobody cancels and whose progress nobody follows. */
export const quietly: CallContext = {
  signal: new AbortController().signal,
  reportProgress: () => undefined,
}

export type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>

/** Prints the answers of all hosts; returns the exit code: 1 where one of them failed, or what it answered is a failure. */
export function finish<T extends object>(
  answers: readonly HostAnswer<T>[],
  json: boolean,
  render: (answer: T) => string,
  { terminal }: Pick<CommandTools, 'terminal'>,
  isFailure: (answer: T) => boolean = () => false,
): number {
  terminal.print(json ? renderJson(answers) : renderAnswers(answers, render))
  return answers.some(({ problem, answer }) => problem || (answer && isFailure(answer))) ? 1 : 0
}

/** On a terminal a person is asked; elsewhere the command itself is the consent. */
export async function confirm(
  question: string,
  yes: boolean,
  { terminal, signal }: CommandTools,
): Promise<void> {
  if (yes || !terminal.interactive) return
  const line = await terminal.readLine(`${question} (yes/no) `, true, signal)
  if (!['y', 'yes'].includes(line.trim().toLowerCase())) throw new Problem('cancelled', 'nothing was changed')
}
