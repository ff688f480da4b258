// Logs in to one destination: agent, keys, password, keyboard-interactive, in this order, as the host asks.
import type { AuthHandlerMiddleware } from 'ssh2'
import { asProblem, Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'
import { quoteWord } from '../../shared/text/shell-word.ts'
import { Conversation } from './conversation.ts'
import type { Destination } from './destination.ts'
import type { UnusableKey } from './key-file.ts'
import { KeyOffer, type KeyRingContext, openKeyRing, type RingKey } from './key-ring.ts'
import type { LoginMethod } from './login-settings.ts'
import type { StageWatch } from './stages.ts'

/** A host that names more methods than there are is not believed further. */
const maxMethods = 32
const maxFactors = 8
type SecretKind = Exclude<LoginMethod, 'publickey'>
interface LoginContext extends KeyRingContext {
  readonly stages: StageWatch
  /** Nothing is said to the host before. */
  readonly ready: Promise<void>
  /** Ends the login at once: the host breaks the protocol. */
  readonly fail: (problem: Problem) => void
}

export class Login {
  /** For ssh2's `authHandler`. */
  readonly handler: AuthHandlerMiddleware
  readonly #destination: Destination
  readonly #context: LoginContext
  readonly #tries = new Map<SecretKind, number>()
  /** Keys not shown yet; undefined until the host asks for one. */
  #keysLeft: RingKey[] | undefined
  #offer: KeyOffer | undefined
  #unusable: readonly UnusableKey[] = []
  readonly #refused: string[] = []
  #accepted: readonly string[] = []
  #ended: Problem | undefined
  readonly #conversation: Conversation
  #factors = 0
  /** Key or method, in words; the one that worked once ssh2 is ready. */
  lastTried = ''

  constructor(destination: Destination, context: LoginContext) {
    this.#destination = destination
    this.#context = context
    this.#conversation = new Conversation(destination.label)
    this.handler = (methods, partial, next) => {
      this.#attempt(methods as readonly string[] | null, partial === true)
        .catch((error: unknown) => {
          this.#ended = asProblem(error, `cannot log in to ${this.#destination.label}`)
          return false
        })
        // ssh2 takes `false` for "no more", which its types leave out.
        .then((method) => next(method as Parameters<typeof next>[0]))
        // ssh2 throws when the connection has ended in the meantime.
        .catch((error: unknown) => this.#context.fail(asProblem(error)))
    }
  }

  /** Why it ended, once ssh2 has given up; never holds a secret. */
  failure(reason?: string): Problem {
    if (this.#ended !== undefined) return this.#ended
    const { label, port, user, hostName } = this.#destination
    const parts = [
      reason ?? `the host accepts ${this.#accepted.join(', ') || 'no method'}`,
      this.#refused.length > 0 ? `keys it refused: ${this.#refused.join(', ')}` : 'no key was shown to it',
      ...this.#unusable.map((key) => `not usable: ${key.name} (${key.reason})`),
    ]
    return new Problem('authentication-failed', `cannot log in to ${label}: ${parts.join('; ')}`, {
      remedy: `Compare with OpenSSH: ssh -v -p ${port} ${quoteWord(`${user}@${hostName}`)}`,
    })
  }

  async #attempt(listed: readonly string[] | null, isPartial: boolean) {
    await this.#context.ready
    const { user } = this.#destination
    const methods = listed?.slice(0, maxMethods).map((method) => oneLine(method, 64)) ?? null
    // A try without a method fails, but the host then says which it accepts.
    if (methods === null) return { type: 'none', username: user }
    this.#noteOutcome(isPartial)
    if (methods.join() !== this.#accepted.join())
      this.#context.stages.fact(`the host accepts ${methods.join(', ')}`)
    this.#accepted = methods
    const last = this.#offer
    this.#offer = undefined
    if (last?.cancelled !== undefined) throw last.cancelled
    if (last?.wasSigned === true) {
      // The key was right, so another factor is wanted; ssh2 keeps the host's new list of methods to itself.
      this.#refused.pop()
      this.#beginFactor()
      return { type: 'none', username: user }
    }
    if (isPartial) this.#beginFactor()
    for (const method of this.#destination.methods.filter((each) => methods.includes(each))) {
      const attempt = method === 'publickey' ? await this.#attemptKey() : await this.#attemptSecret(method)
      if (attempt !== undefined) return attempt
    }
    return false
  }

  /** What was tried last was accepted, and the host wants something more. */
  #beginFactor(): void {
    this.#factors += 1
    if (this.#factors > maxFactors)
      throw new Problem(
        'protocol',
        `cannot log in to ${this.#destination.label}: it asks for more than ${maxFactors} factors`,
      )
    this.#tries.clear()
  }

  async #attemptKey() {
    this.#offer = await this.#nextOffer()
    return this.#offer && { type: 'agent', username: this.#destination.user, agent: this.#offer }
  }

  async #attemptSecret(kind: SecretKind) {
    if (this.#ended !== undefined) throw this.#ended
    if (this.#count(kind) > this.#destination.secretAttempts) return undefined
    this.#note(`${kind}, attempt ${this.#tries.get(kind)}`)
    if (kind === 'keyboard-interactive') return this.#converse()
    const password = await this.#askSecret(kind, '', false)
    return { type: kind, username: this.#destination.user, password }
  }

  async #nextOffer(): Promise<KeyOffer | undefined> {
    if (this.#keysLeft === undefined) {
      const { keys, unusable } = await openKeyRing(this.#destination, this.#context)
      this.#keysLeft = [...keys]
      this.#unusable = unusable
      for (const each of unusable) this.#context.stages.fact(`cannot use ${each.name}: ${each.reason}`)
    }
    const key = this.#keysLeft.shift()
    if (key === undefined) return undefined
    this.#refused.push(key.name)
    this.#note(`key ${key.name}`)
    return new KeyOffer(this.#destination, this.#context, key)
  }

  /** The host asks again: what was tried last was not enough. */
  #noteOutcome(isPartial: boolean): void {
    if (this.lastTried === '') return
    const taken = isPartial || this.#offer?.wasSigned === true
    this.#context.stages.fact(
      `${this.lastTried}: ${taken ? 'accepted, but the host asks for more' : 'refused'}`,
    )
    this.lastTried = ''
  }

  #note(tried: string): void {
    this.lastTried = tried
    this.#context.stages.fact(`trying ${tried}`)
  }

  #count(kind: SecretKind): number {
    const tries = (this.#tries.get(kind) ?? 0) + 1
    this.#tries.set(kind, tries)
    return tries
  }

  #converse() {
    const askText = (text: string, echo: boolean) => this.#askSecret('keyboard-interactive', text, echo)
    const prompt = this.#conversation.promptFor(askText, (error) => {
      this.#ended = asProblem(error)
      if (this.#ended.code === 'protocol') this.#context.fail(this.#ended)
    })
    return { type: 'keyboard-interactive', username: this.#destination.user, prompt }
  }

  async #askSecret(kind: SecretKind, text: string, echo: boolean): Promise<string> {
    const { label, user } = this.#destination
    const attempt = Math.min(this.#tries.get(kind) ?? 1, this.#destination.secretAttempts)
    const question = { kind, address: label, user, text: text.slice(0, 1024), echo, attempt }
    const answer = await this.#context.ask(question, this.#context.signal)
    if (answer.kind === 'secret') return answer.value
    throw new Problem('cancelled', `cannot log in to ${label}: cancelled at the ${kind} prompt`)
  }
}
