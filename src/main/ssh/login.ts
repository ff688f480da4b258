// Logs in to one destination: agent, keys, password, keyboard-interactive, in this order, as the host asks.
import type { AuthenticationType, AuthHandlerMiddleware, KeyboardInteractiveAuthMethod } from 'ssh2'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { Destination } from './destination.ts'
import type { UnusableKey } from './key-file.ts'
import { KeyOffer, type KeyRingContext, openKeyRing, type RingKey } from './key-ring.ts'
import type { StageWatch } from './stages.ts'

const ATTEMPTS = 3
type SecretKind = 'password' | 'keyboard-interactive'
type LoginContext = KeyRingContext & { readonly stages: StageWatch }
type Prompts = Parameters<KeyboardInteractiveAuthMethod['prompt']>

export class Login {
  /** For ssh2's `authHandler`. */
  readonly handler: AuthHandlerMiddleware
  private readonly destination: Destination
  private readonly context: LoginContext
  private readonly tries = new Map<SecretKind, number>()
  /** Keys not shown yet; undefined until the host asks for one. */
  private keysLeft: RingKey[] | undefined
  private offer: KeyOffer | undefined
  private unusable: readonly UnusableKey[] = []
  private readonly refused: string[] = []
  private accepted: readonly string[] = []
  private ended: Problem | undefined
  /** Key or method, in words; the one that worked once ssh2 is ready. */
  lastTried = ''

  constructor(destination: Destination, context: LoginContext) {
    this.destination = destination
    this.context = context
    this.handler = (methods, partial, next) => {
      this.attempt(methods as readonly string[] | null, partial === true).then(
        // ssh2 takes `false` for "no more", which its types leave out.
        (method) => next(method as Parameters<typeof next>[0]),
        (error: unknown) => {
          this.ended = asProblem(error, `cannot log in to ${this.destination.label}`)
          next(false as unknown as AuthenticationType)
        },
      )
    }
  }

  /** Why it ended, once ssh2 has given up; never holds a secret. */
  failure(reason?: string): Problem {
    if (this.ended !== undefined) return this.ended
    const { label, port, user, hostName } = this.destination
    const parts = [
      reason ?? `the host accepts ${this.accepted.join(', ') || 'no method'}`,
      this.refused.length > 0 ? `keys it refused: ${this.refused.join(', ')}` : 'no key was shown to it',
      ...this.unusable.map((key) => `not usable: ${key.name} (${key.reason})`),
    ]
    return new Problem('authentication-failed', `cannot log in to ${label}: ${parts.join('; ')}`, {
      remedy: `See what OpenSSH makes of it: ssh -v -p ${port} ${user}@${hostName}`,
    })
  }

  private async attempt(methods: readonly string[] | null, isPartial: boolean) {
    const { user } = this.destination
    // A try without a method fails, but the host then says which it accepts.
    if (methods === null) return { type: 'none', username: user }
    this.noteOutcome(isPartial)
    if (methods.join() !== this.accepted.join())
      this.context.stages.fact(`the host accepts ${methods.join(', ')}`)
    this.accepted = methods
    const last = this.offer
    this.offer = undefined
    if (last?.cancelled !== undefined) throw last.cancelled
    if (last?.wasSigned === true) {
      // The key was right, so another factor is wanted; ssh2 keeps the host's new list of methods to itself.
      this.refused.pop()
      this.tries.clear()
      return { type: 'none', username: user }
    }
    if (isPartial) this.tries.clear()
    if (methods.includes('publickey')) {
      this.offer = await this.nextOffer()
      if (this.offer !== undefined) return { type: 'agent', username: user, agent: this.offer }
    }
    return await this.attemptSecret(methods)
  }

  private async attemptSecret(methods: readonly string[]) {
    if (this.ended !== undefined) throw this.ended
    if (methods.includes('password') && this.count('password') <= ATTEMPTS) {
      this.note(`password, attempt ${this.tries.get('password')}`)
      const password = await this.askSecret('password', '', false)
      return { type: 'password', username: this.destination.user, password }
    }
    if (methods.includes('keyboard-interactive') && this.count('keyboard-interactive') <= ATTEMPTS) {
      this.note(`keyboard-interactive, attempt ${this.tries.get('keyboard-interactive')}`)
      return this.converse()
    }
    return false
  }

  private async nextOffer(): Promise<KeyOffer | undefined> {
    if (this.keysLeft === undefined) {
      const { keys, unusable } = await openKeyRing(this.destination, this.context)
      this.keysLeft = [...keys]
      this.unusable = unusable
      for (const each of unusable) this.context.stages.fact(`cannot use ${each.name}: ${each.reason}`)
    }
    const key = this.keysLeft.shift()
    if (key === undefined) return undefined
    this.refused.push(key.name)
    this.note(`key ${key.name}`)
    return new KeyOffer(this.destination, this.context, key)
  }

  /** The host asks again: what was tried last was not enough. */
  private noteOutcome(isPartial: boolean): void {
    if (this.lastTried === '') return
    const taken = isPartial || this.offer?.wasSigned === true
    this.context.stages.fact(`${this.lastTried}: ${taken ? 'accepted, and more is wanted' : 'refused'}`)
    this.lastTried = ''
  }

  private note(tried: string): void {
    this.lastTried = tried
    this.context.stages.fact(`trying ${tried}`)
  }

  private count(kind: SecretKind): number {
    const tries = (this.tries.get(kind) ?? 0) + 1
    this.tries.set(kind, tries)
    return tries
  }

  private converse() {
    const prompt = (...[name, instructions, , prompts, finish]: Prompts) => {
      this.answerAll(`${name} ${instructions}`.trim(), prompts).then(finish, (error: unknown) => {
        this.ended = asProblem(error)
        // Empty answers are refused, and the next attempt then ends with the reason.
        finish(prompts.map(() => ''))
      })
    }
    return { type: 'keyboard-interactive', username: this.destination.user, prompt }
  }

  private async answerAll(heading: string, prompts: Prompts[3]): Promise<string[]> {
    const answers: string[] = []
    for (const { prompt, echo } of prompts) {
      answers.push(await this.askSecret('keyboard-interactive', `${heading} ${prompt}`.trim(), echo === true))
    }
    return answers
  }

  private async askSecret(kind: SecretKind, text: string, echo: boolean): Promise<string> {
    const { label, user } = this.destination
    const attempt = Math.min(this.tries.get(kind) ?? 1, ATTEMPTS)
    const question = { kind, address: label, user, text: text.slice(0, 1024), echo, attempt }
    const answer = await this.context.ask(question, this.context.signal)
    if (answer.kind === 'secret') return answer.value
    throw new Problem('cancelled', `cannot log in to ${label}: cancelled at the ${kind} prompt`)
  }
}
