// Open questions to the person. They are shown wherever the workbench is open; the first answer wins.
import { randomUUID } from 'node:crypto'
import type { Prompt, PromptAnswer, PromptQuestion, SecretPlace } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Announce } from '../announcer.ts'

interface OpenPrompt {
  readonly prompt: Prompt
  readonly answer: (answer: PromptAnswer) => void
}

/** Answers that a person asked to be kept. None of these rejects for a store that fails: then a person is asked. */
export interface SecretKeeper {
  /** Undefined: answers to this question are never kept. */
  placeFor(question: PromptQuestion): Promise<SecretPlace | undefined>
  answerFor(question: PromptQuestion): Promise<string | undefined>
  keep(question: PromptQuestion, value: string): Promise<void>
}

export class PromptBoard {
  readonly #open = new Map<string, OpenPrompt>()
  readonly #announce: Announce
  readonly #keeper: SecretKeeper | undefined

  /** Without a keeper nothing is ever kept. */
  constructor(announce: Announce, keeper?: SecretKeeper) {
    this.#announce = announce
    this.#keeper = keeper
  }

  list(): Prompt[] {
    return [...this.#open.values()].map(({ prompt }) => prompt)
  }

  /** Waits for an answer from anywhere; rejects with the signal's reason when nobody needs it any more. */
  async ask(hostId: string, question: PromptQuestion, signal: AbortSignal): Promise<PromptAnswer> {
    signal.throwIfAborted()
    const keeper = this.#keeper
    if (!keeper) return await this.#askPerson({ hostId, question }, signal)
    const kept = await keeper.answerFor(question)
    signal.throwIfAborted()
    if (kept !== undefined) return { kind: 'secret', value: kept }
    const keeping = await keeper.placeFor(question)
    const answer = await this.#askPerson({ hostId, question, ...withValue({ keeping }) }, signal)
    if (answer.kind === 'secret' && answer.keep === true) await keeper.keep(question, answer.value)
    return answer
  }

  async #askPerson(asked: Omit<Prompt, 'id'>, signal: AbortSignal): Promise<PromptAnswer> {
    signal.throwIfAborted()
    const prompt: Prompt = { id: randomUUID(), ...asked }
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
