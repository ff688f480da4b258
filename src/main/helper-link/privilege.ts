// Finds out how the helper can be root on a host, and asks for the sudo password where one is needed.
import { randomBytes } from 'node:crypto'
import { Problem } from '../../shared/problem.ts'
import type { Ask, OnLog } from '../ssh/ask.ts'
import type { HostProcess, HostShell } from '../ssh/host-process.ts'
import { runScript } from './run-script.ts'

export type Privilege =
  | { readonly kind: 'root' }
  | { readonly kind: 'sudo' }
  /** The password is kept for as long as the connection is being made, nowhere else. */
  | { readonly kind: 'sudo-with-password'; readonly password: string }
  | { readonly kind: 'none'; readonly reason: string }

export interface PrivilegeContext {
  readonly shell: HostShell
  readonly ask: Ask
  readonly onStep: (step: string) => void
  readonly onLog: OnLog
  readonly signal: AbortSignal
}

const ATTEMPTS = 3
const SUDO_TIMEOUT_MS = 30_000

/** Rejects with `not-permitted` after three wrong passwords; no sudo at all is an answer, not an error. */
export async function findPrivilege(uid: number, context: PrivilegeContext): Promise<Privilege> {
  if (uid === 0) return { kind: 'root' }
  const { shell, signal } = context
  context.onStep('asking for root by sudo')
  const test = `if ! command -v sudo >/dev/null 2>&1; then printf 'singleton:sudo=missing\\n'; elif sudo -n true 2>/dev/null; then printf 'singleton:sudo=free\\n'; else printf 'singleton:sudo=asks\\n'; fi`
  const { said } = await runScript(shell, test, signal)
  const sudo = said.get('sudo')?.[0]
  if (sudo === 'free') return { kind: 'sudo' }
  if (sudo !== 'asks') return { kind: 'none', reason: `there is no sudo on ${shell.label}` }
  return await askForPassword(context)
}

async function askForPassword(context: PrivilegeContext): Promise<Privilege> {
  const { shell, signal } = context
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const question = {
      kind: 'sudo',
      address: shell.label,
      user: shell.user,
      text: '',
      echo: false,
      attempt,
    } as const
    const answer = await context.ask(question, signal)
    if (answer.kind !== 'secret') return { kind: 'none', reason: 'the sudo password was not given' }
    const verdict = await tryPassword(shell, answer.value, signal)
    if (verdict === 'right') return { kind: 'sudo-with-password', password: answer.value }
    if (verdict !== 'wrong') return { kind: 'none', reason: verdict.refused }
    context.onLog('warning', `wrong sudo password for ${shell.user}`)
  }
  throw new Problem(
    'not-permitted',
    `cannot become root on ${shell.label}: ${ATTEMPTS} wrong sudo passwords for ${shell.user}`,
  )
}

/** `refused`: the password does not matter, this user may not use sudo. */
async function tryPassword(
  shell: HostShell,
  password: string,
  signal: AbortSignal,
): Promise<'right' | 'wrong' | { readonly refused: string }> {
  // -k: neither use nor leave a ticket, so that the answer is about this password.
  const prompt = makePrompt()
  const running = await shell.start(`LC_ALL=C exec sudo -k -S -p ${prompt} true`, signal)
  running.stdout.resume()
  const answering = answerSudo(running, prompt, password)
  const timer = setTimeout(() => running.kill(), SUDO_TIMEOUT_MS)
  try {
    const { code } = await running.exited
    signal.throwIfAborted()
    if (code === 0) return 'right'
    const text = answering.text()
    const reason = refusal(text, shell.user)
    return reason === undefined ? 'wrong' : { refused: `${reason} on ${shell.label}` }
  } finally {
    clearTimeout(timer)
    running.kill()
  }
}

/** Why another password would not help, as sudo and sudo-rs say it in English; undefined for a wrong password. */
function refusal(text: string, user: string): string | undefined {
  if (/sudoers|not allowed|may not run|afraid I can't do that/i.test(text)) return `${user} may not use sudo`
  if (/expired/i.test(text)) return `sudo says that the account or password of ${user} has expired`
  // sudo-rs before 0.2.5 knows no prompt of ours, so that it cannot be told when it asks.
  if (/(invalid|unrecognized|unknown) option|unexpected argument/i.test(text))
    return 'sudo is too old to be told a prompt'
  return undefined
}

/** One word that no program prints by chance. */
export function makePrompt(): string {
  return `singleton-sudo-${randomBytes(8).toString('hex')}:`
}

/**
 * Writes the password only when sudo prints its prompt: a sudo that does not ask would hand it on to the
 * program. A second prompt means that it was wrong; stdin is then closed, and sudo gives up.
 */
export function answerSudo(running: HostProcess, prompt: string, password: string) {
  let text = ''
  let answered = false
  const listen = (chunk: Buffer | string) => {
    text = (text + chunk.toString()).slice(-4096)
    if (!text.includes(prompt)) return
    text = text.replace(prompt, '')
    if (answered) running.stdin.end()
    else running.stdin.write(`${password}\n`)
    answered = true
  }
  running.stdin.on('error', () => running.kill())
  running.stderr.on('data', listen)
  return { text: () => text, stop: () => running.stderr.off('data', listen) }
}
