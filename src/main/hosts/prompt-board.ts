// Open questions to the person. They are shown wherever the workbench is open; the first answer wins.
import { randomUUID } from 'node:crypto'
import type { Prompt, PromptAnswer, PromptQuestion } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import type { Announce } from '../announcer.ts'

interface OpenPrompt {
  readonly prompt: Prompt
  readonly answer: (answer: PromptAnswer) => void
}

export class PromptBoard {
  readonly #open = new Map<string, OpenPrompt>()
  readonly #announce: Announce

  constructor(announce: Announce) {
    this.#announce = announce
  }

  list(): Prompt[] {
    return [...this.#open.values()].map(({ prompt }) => prompt)
  }

  /** Waits for an answer from anywhere; rejects with the signal's reason when nobody needs it any more. */
  async ask(hostId: string, question: PromptQuestion, signal: AbortSignal): Promise<PromptAnswer> {
    signal.throwIfAborted()
    const prompt: Prompt = { id: randomUUID(), hostId, question }
    const { promise, resolve, reject } = Promise.withResolvers<PromptAnswer>()
    const withdraw = () => reject(signal.reason)
    signal.addEventListener('abort', withdraw, { once: true })
    this.#open.set(prompt.id, { prompt, answer: resolve })
    this.#announce('prompt/asked', prompt)
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', withdraw)
      this.#open.delete(prompt.id)
      this.#announce('prompt/withdrawn', { id: prompt.id })
    }
  }

  answer(id: string, answer: PromptAnswer): void {
    const open = this.#open.get(id)
    if (!open) throw new Problem('gone', 'cannot answer the question: it was already answered, or withdrawn')
    open.answer(answer)
  }
}
