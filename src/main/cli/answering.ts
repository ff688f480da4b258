// Answers the questions that come up while connecting: on the terminal, one after the other.
import type { Prompt, PromptAnswer } from '../../shared/contract/index.ts'
import { asProblem } from '../../shared/problem.ts'
import type { Workbench } from '../workbench.ts'
import type { Terminal } from './terminal.ts'

/** Without a terminal every question is declined: the Problem that follows says what to do about it. */
export function answerPrompts(workbench: Workbench, terminal: Terminal, signal: AbortSignal): void {
  const open = new Map<string, AbortController>()
  let turn = Promise.resolve()
  workbench.subscribe((name, value) => {
    if (name === 'prompt/withdrawn') open.get((value as { id: string }).id)?.abort()
    if (name !== 'prompt/asked') return
    const prompt = value as Prompt
    const withdrawn = new AbortController()
    open.set(prompt.id, withdrawn)
    turn = turn.then(async () => {
      const answer = await askFor(prompt, terminal, AbortSignal.any([signal, withdrawn.signal]))
      open.delete(prompt.id)
      if (!withdrawn.signal.aborted) await reply(workbench, prompt.id, answer, terminal, signal)
    })
  })
}

async function reply(
  workbench: Workbench,
  id: string,
  answer: PromptAnswer,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  try {
    await workbench.handlers['prompts/answer']({ id, answer }, { signal, reportProgress: () => undefined })
  } catch (error) {
    terminal.warn(asProblem(error).message)
  }
}

async function askFor({ question }: Prompt, terminal: Terminal, signal: AbortSignal): Promise<PromptAnswer> {
  if (!terminal.interactive) return { kind: 'cancel' }
  try {
    if (question.kind === 'host-key') {
      const words = `The ${question.keyType} key of ${question.address} is not known.\nIts fingerprint is ${question.fingerprint}.\nTrust it and remember it? (yes/no) `
      const line = await terminal.readLine(words, true, signal)
      return line.trim().toLowerCase() === 'yes' ? { kind: 'accept' } : { kind: 'cancel' }
    }
    const words = `${question.text || question.kind} (${question.user}@${question.address}): `
    return { kind: 'secret', value: await terminal.readLine(words, question.echo, signal) }
  } catch (error) {
    terminal.warn(asProblem(error).message)
    return { kind: 'cancel' }
  }
}
