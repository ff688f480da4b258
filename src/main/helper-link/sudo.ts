// How sudo is run on a host: with a prompt that names whose password it wants, and in a terminal where it insists on one.

import { randomBytes } from 'node:crypto'
import { oneLine } from '../../shared/text/printable.ts'
import { quoteWord } from '../../shared/text/shell-word.ts'
import { withValue } from '../../shared/with-value.ts'
import type { HostProcess } from '../ssh/host-process.ts'

const maxWords = 4096

/** One that no program prints by chance; sudo puts in whose password it wants. */
export class SudoPrompt {
  readonly #mark = `singleton-sudo-${randomBytes(8).toString('hex')}`

  /** For `sudo -p`: one word of a shell. */
  get option(): string {
    return `${this.#mark}-%p:`
  }

  /** Whose password is asked for; undefined while nothing is. sudo-rs leaves `%p` as it is: whose is then not known. */
  find(text: string): { readonly at: string; readonly of?: string } | undefined {
    const found = new RegExp(`${this.#mark}-([^:\\n]{1,256}):`).exec(text)
    if (found === null) return undefined
    const [at, of = ''] = found
    return of === '%p' ? { at } : { at, of: oneLine(of, 256) }
  }

  isIn(text: string): boolean {
    return text.includes(this.#mark)
  }
}

/**
 * `Defaults requiretty` wants a terminal to control the session, not one to read from: util-linux's `script` makes one,
 * while the streams of the program stay the pipes they are, past it, so that they carry any bytes.
 */
export function inTerminal(command: string): string {
  const inside = quoteWord(`exec <&6 >&7 2>&8 6<&- 7>&- 8>&-; ${command}`)
  return `SHELL=/bin/sh exec script -qec ${inside} /dev/null 6<&0 7>&1 8>&2 </dev/null >/dev/null 2>&1`
}

/**
 * Whether sudo asked a second time within the same try, as PAM does for a code. sudo counts failed tries at its end
 * ("1 incorrect password attempt"), and finds "a password is required" where there were none; that a try failed it tells the
 * terminal, which may not be ours. sudo-rs tells us that before it asks again. Pure.
 */
export function asksForMore(wordsBefore: string, words: string): boolean {
  if (/try again/i.test(wordsBefore) || /incorrect password/i.test(words)) return false
  return /a password is required|authentication failed, try again/i.test(words)
}

/** What sudo says and asks on its standard error, and what it is answered. */
export class SudoConversation {
  readonly #running: HostProcess
  readonly #prompt: SudoPrompt
  readonly #asked = Promise.withResolvers<{ readonly of?: string }>()
  #words = ''
  #prompts = 0
  #answered = false
  /** What it had said when it asked again. */
  #wordsBefore: string | undefined

  constructor(running: HostProcess, prompt: SudoPrompt) {
    this.#running = running
    this.#prompt = prompt
    running.stdin.on('error', () => running.kill())
    running.stderr.on('data', this.#listen)
  }

  /** Resolves at the first prompt. */
  get asked(): Promise<{ readonly of?: string }> {
    return this.#asked.promise
  }

  /** A second prompt came after the answer. */
  get wasWrong(): boolean {
    return this.#prompts > 1
  }

  /** It asks for more than a password, a code for one: it asked again, and not because the answer was wrong. */
  get wantsMore(): boolean {
    return this.#wordsBefore !== undefined && asksForMore(this.#wordsBefore, this.#words)
  }

  /** What sudo said, without its prompts. */
  words(): string {
    return oneLine(this.#words, 1000)
  }

  /** Only once it asks: a sudo that does not ask would hand the password on to the program. */
  answer(password: string): void {
    this.#answered = true
    this.#running.stdin.write(`${password}\n`)
  }

  /** The program runs: its standard error is not sudo's any more. */
  stop(): void {
    this.#running.stderr.off('data', this.#listen)
  }

  readonly #listen = (chunk: Buffer | string): void => {
    this.#words = (this.#words + chunk.toString()).slice(-maxWords)
    const found = this.#prompt.find(this.#words)
    if (found === undefined) return
    this.#words = this.#words.replace(found.at, '')
    this.#prompts += 1
    // Without another answer, sudo gives up, and then says whether the first one was wrong.
    if (this.#answered) {
      this.#wordsBefore ??= this.#words
      this.#running.stdin.end()
    } else this.#asked.resolve(withValue({ of: found.of }))
  }
}
