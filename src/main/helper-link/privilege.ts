// Finds out how the helper can be root on a host, and asks for the password that sudo wants.
import { Problem } from '../../shared/problem.ts'
import type { Ask, OnLog } from '../ssh/ask.ts'
import type { HostShell } from '../ssh/host-process.ts'
import { runScript, say } from './run-script.ts'
import { inTerminal, SudoConversation, SudoPrompt } from './sudo.ts'

export type Privilege =
  | { readonly kind: 'root' }
  | { readonly kind: 'sudo'; readonly terminal: boolean }
  /** The password is kept for as long as the connection is being made, nowhere else. */
  | { readonly kind: 'sudo-with-password'; readonly terminal: boolean; readonly password: string }
  | { readonly kind: 'none'; readonly reason: string }

export interface PrivilegeContext {
  readonly shell: HostShell
  readonly ask: Ask
  readonly onStep: (step: string) => void
  readonly onLog: OnLog
  readonly signal: AbortSignal
}

const attempts = 3
const sudoTimeoutMs = 30_000

/** Rejects with `not-permitted` after three wrong passwords; no way to be root is an answer, not an error. */
export async function findPrivilege(uid: number, context: PrivilegeContext): Promise<Privilege> {
  if (uid === 0) return { kind: 'root' }
  const { shell } = context
  context.onStep('asking for root by sudo')
  const plain = await trySudo(context, false)
  if (plain.answer === 'missing') return { kind: 'none', reason: `there is no sudo on ${shell.label}` }
  if (!wantsTerminal(plain.words)) return byAnswer(plain, false, context)
  const inside = await trySudo(context, true)
  if (inside.answer === 'no-terminal') {
    const reason = `sudo on ${shell.label} needs a terminal (requiretty in its sudoers), and the program "script", which makes one, is missing there`
    return { kind: 'none', reason }
  }
  return byAnswer(inside, true, context)
}

interface SudoAnswer {
  readonly answer: 'missing' | 'no-terminal' | 'free' | 'asks'
  readonly words: string
}

async function byAnswer(
  { answer }: SudoAnswer,
  terminal: boolean,
  context: PrivilegeContext,
): Promise<Privilege> {
  return answer === 'free' ? { kind: 'sudo', terminal } : askForPassword(context, terminal)
}

/** Whether sudo runs something without a password, and what it says where it does not. */
async function trySudo({ shell, signal }: PrivilegeContext, terminal: boolean): Promise<SudoAnswer> {
  const sudo = 'LC_ALL=C sudo -n true'
  const run = terminal ? `(${inTerminal(`exec env ${sudo}`)})` : sudo
  const needs = terminal ? `elif [ ! -x "$(command -v script)" ]; then ${say('sudo', 'no-terminal')};` : ''
  const words = say('words', `$(printf '%s' "$words" | tr '\\n' ' ')`)
  const script = `if ! command -v sudo >/dev/null 2>&1; then ${say('sudo', 'missing')}; ${needs} elif words=$( ${run} 2>&1); then ${say('sudo', 'free')}; else ${say('sudo', 'asks')}; ${words}; fi`
  const { said } = await runScript(shell, script, signal)
  const answer = said.get('sudo')?.[0]
  const known = answer === 'free' || answer === 'asks' || answer === 'no-terminal' ? answer : 'missing'
  return { answer: known, words: said.get('words')?.[0] ?? '' }
}

function wantsTerminal(words: string): boolean {
  return /must have a tty/i.test(words)
}

async function askForPassword(context: PrivilegeContext, terminal: boolean): Promise<Privilege> {
  const { shell } = context
  let whose = shell.user
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const verdict = await tryPassword(context, terminal, attempt)
    if (verdict.kind !== 'wrong') return verdict
    whose = verdict.of
    context.onLog('warning', `wrong sudo password for ${whose}`)
  }
  throw new Problem(
    'not-permitted',
    `cannot become root on ${shell.label}: ${attempts} wrong sudo passwords for ${whose}`,
  )
}

type Verdict = Privilege | { readonly kind: 'wrong'; readonly of: string }

/** Starts sudo, learns whose password it wants, asks the person, and answers. */
async function tryPassword(context: PrivilegeContext, terminal: boolean, attempt: number): Promise<Verdict> {
  const { shell, signal } = context
  const first = await startAsking(context, terminal)
  if (first.kind === 'ended') return first.privilege
  const of = first.of ?? shell.user
  const text = of === shell.user ? '' : `Password of ${of}, which sudo asks for on this host`
  const question = { kind: 'sudo', address: shell.label, user: of, text, echo: false, attempt } as const
  try {
    const answer = await context.ask(question, signal)
    if (answer.kind !== 'secret') return { kind: 'none', reason: 'the sudo password was not given' }
    // A sudo that waited too long for the person has ended: another is started.
    const asking = first.hasEnded() ? await startAsking(context, terminal) : first
    if (asking.kind === 'ended') return asking.privilege
    return await asking.tryAnswer(answer.value, of)
  } finally {
    first.end()
  }
}

type Asking =
  | { readonly kind: 'ended'; readonly privilege: Privilege }
  | {
      readonly kind: 'asks'
      readonly of?: string
      hasEnded(): boolean
      tryAnswer(password: string, of: string): Promise<Verdict>
      end(): void
    }

async function startAsking({ shell, signal }: PrivilegeContext, terminal: boolean): Promise<Asking> {
  const prompt = new SudoPrompt()
  // -k: neither use nor leave a ticket, so that the answer is about this password.
  const command = `LC_ALL=C; export LC_ALL; exec sudo -k -S -p ${prompt.option} true`
  const running = await shell.start(terminal ? inTerminal(command) : command, signal)
  running.stdout.resume()
  const conversation = new SudoConversation(running, prompt)
  let ended = false
  void running.exited.then(() => {
    ended = true
  })
  const first = await withTimeout(Promise.race([conversation.asked, running.exited]))
  signal.throwIfAborted()
  if (first === undefined || !isPrompt(first)) {
    running.kill()
    const isFree = first !== undefined && !isPrompt(first) && first.code === 0
    const privilege: Privilege = isFree
      ? { kind: 'sudo', terminal }
      : { kind: 'none', reason: refusal(conversation.words(), shell) }
    return { kind: 'ended', privilege }
  }
  const tryAnswer = async (password: string, of: string): Promise<Verdict> => {
    conversation.answer(password)
    const status = await withTimeout(running.exited)
    signal.throwIfAborted()
    running.kill()
    if (status?.code === 0) return { kind: 'sudo-with-password', terminal, password }
    const words = conversation.words()
    if (conversation.wantsMore) return { kind: 'none', reason: explainMore(shell) }
    const isWrong = conversation.wasWrong || /try again|incorrect (password|authentication)/i.test(words)
    return isWrong && !isRefusal(words)
      ? { kind: 'wrong', of }
      : { kind: 'none', reason: refusal(words, shell) }
  }
  return { kind: 'asks', ...first, hasEnded: () => ended, tryAnswer, end: () => running.kill() }
}

function isPrompt(first: object): first is { readonly of?: string } {
  return !('code' in first || 'signal' in first)
}

/** undefined: not in time. */
async function withTimeout<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), sudoTimeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A code is good for one login, and sudo is asked a second time to start the helper. */
function explainMore({ user, label }: HostShell): string {
  return `sudo on ${label} asks for more than a password (a code, for example), which is not supported: let ${user} use sudo without one (NOPASSWD), or connect as root`
}

const refusals = /sudoers|not allowed|may not run|afraid I can't do that/i

function isRefusal(words: string): boolean {
  return refusals.test(words) || /expired/i.test(words)
}

/** Why a password would not help, as sudo and sudo-rs say it in English; its own words where none of these is known. */
function refusal(words: string, { user, label }: HostShell): string {
  if (refusals.test(words)) return `${user} may not use sudo on ${label}`
  if (/expired/i.test(words))
    return `sudo says that the account or password of ${user} has expired on ${label}`
  // sudo-rs before 0.2.5 knows no prompt of ours, so that it cannot be told when it asks.
  if (/(invalid|unrecognized|unknown) option|unexpected argument/i.test(words))
    return `sudo on ${label} is too old: it does not take a prompt of ours`
  return words === '' ? `sudo on ${label} neither asks nor answers` : `sudo on ${label} says: ${words}`
}
