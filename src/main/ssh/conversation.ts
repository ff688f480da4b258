// The keyboard-interactive part of a login: the host's own questions, bounded and stripped before anybody reads them.
import type { KeyboardInteractiveAuthMethod } from 'ssh2'
import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'

const maxPrompts = 16
const maxRounds = 8
/** A question holds at most 1,024 characters: heading and prompt share them. */
const maxHeadingLength = 512
const maxPromptLength = 500
/** Enough for what is shown, escape sequences included; the rest is not even looked at. */
const maxRawLength = 8192

export type AskText = (text: string, echo: boolean) => Promise<string>
type PromptArguments = Parameters<KeyboardInteractiveAuthMethod['prompt']>

/** Counts over a whole login, so that a host cannot go on asking. */
export class Conversation {
  readonly #label: string
  #rounds = 0

  constructor(label: string) {
    this.#label = label
  }

  /** `onFailure` hears why it ended; the host then gets empty answers, which it refuses. */
  promptFor(askText: AskText, onFailure: (error: unknown) => void): KeyboardInteractiveAuthMethod['prompt'] {
    return (...[name, instructions, , prompts, finish]: PromptArguments) => {
      const heading = `${name.slice(0, maxRawLength)} ${instructions.slice(0, maxRawLength)}`
      this.#answerAll(heading, prompts, askText)
        .catch((error: unknown) => {
          onFailure(error)
          return prompts.slice(0, maxPrompts).map(() => '')
        })
        .then(finish)
        // ssh2 throws when the connection has ended in the meantime.
        .catch(onFailure)
    }
  }

  async #answerAll(rawHeading: string, prompts: PromptArguments[3], askText: AskText): Promise<string[]> {
    this.#rounds += 1
    if (this.#rounds > maxRounds) throw this.#tooMuch(`it asks for more than ${maxRounds} rounds of answers`)
    if (prompts.length > maxPrompts) throw this.#tooMuch(`it asks ${prompts.length} questions at once`)
    const heading = oneLine(rawHeading, maxHeadingLength)
    const answers: string[] = []
    for (const { prompt, echo } of prompts) {
      const text = oneLine(prompt.slice(0, maxRawLength), maxPromptLength)
      answers.push(await askText(`${heading} ${text}`.trim(), echo === true))
    }
    return answers
  }

  #tooMuch(reason: string): Problem {
    return new Problem('protocol', `cannot log in to ${this.#label}: ${reason}`)
  }
}
