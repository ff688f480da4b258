// A person's home with its own .ssh, and the answers that this person gives.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PromptAnswer, PromptQuestion } from '../../../src/shared/contract/prompts.ts'
import { makeKey, type Sshd } from './start-sshd.ts'

export interface SshHome {
  readonly path: string
  /** `TYPE BASE64` of id_ed25519, which has no passphrase. */
  readonly publicKey: string
  file(name: string): string
  write(name: string, text: string): void
  /** Files the host's key, so that nobody is asked. */
  trust(sshd: Sshd, name?: string): void
  remove(): void
}

export function makeSshHome(): SshHome {
  const path = mkdtempSync(join(tmpdir(), 'singleton-home-'))
  mkdirSync(join(path, '.ssh'), { mode: 0o700 })
  const file = (name: string) => join(path, '.ssh', name)
  const publicKey = makeKey(file('id_ed25519'))
  const write = (name: string, text: string) => writeFileSync(file(name), text, { mode: 0o600 })
  return {
    path,
    publicKey,
    file,
    write,
    trust: (sshd, name = `[127.0.0.1]:${sshd.port}`) =>
      writeFileSync(file('known_hosts'), `${name} ${sshd.hostKey()}\n`, { flag: 'a', mode: 0o600 }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

export interface Person {
  readonly ask: (question: PromptQuestion, signal?: AbortSignal) => Promise<PromptAnswer>
  readonly questions: PromptQuestion[]
}

/** Gives these answers in order; a question beyond them is cancelled. */
export function personWho(...answers: readonly (string | 'accept' | 'cancel')[]): Person {
  const questions: PromptQuestion[] = []
  const left = [...answers]
  return {
    questions,
    ask: async (question) => {
      questions.push(question)
      const answer = left.shift() ?? 'cancel'
      if (answer === 'accept' || answer === 'cancel') return { kind: answer }
      return { kind: 'secret', value: answer }
    },
  }
}
