// Questions main asks the person: unknown host keys, passwords, passphrases. Each names host and user.
import { z } from 'zod'
import { hostId } from './hosts.ts'
import { name } from './quantity.ts'
import { secretPlace } from './secrets.ts'

const hostKeyPrompt = z.object({
  kind: z.literal('host-key'),
  address: name,
  keyType: name,
  /** SHA256:… as OpenSSH prints it. */
  fingerprint: name,
})
const secretPrompt = z.object({
  kind: z.enum(['password', 'passphrase', 'keyboard-interactive', 'sudo']),
  address: name,
  user: name,
  /** Path of the key for a passphrase; the server's words for keyboard-interactive. */
  text: z.string().max(1024),
  echo: z.boolean(),
  /** 1 to 3. */
  attempt: z.number().int().min(1).max(3),
})
export const promptId = z.string().min(1).max(64)
export const prompt = z.object({
  id: promptId,
  hostId,
  question: z.discriminatedUnion('kind', [hostKeyPrompt, secretPrompt]),
  /** Where the answer would be kept, if the person asks for that. Absent: this answer is never kept. */
  keeping: secretPlace.optional(),
})
export type Prompt = z.infer<typeof prompt>
export type PromptQuestion = Prompt['question']

/** `accept` a host key (and save it to known_hosts), give a secret, or cancel. */
export const promptAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accept') }),
  z.object({
    kind: z.literal('secret'),
    value: z.string().max(4096),
    /** Kept for later logins, by the prompt's `keeping`. Absent: forgotten after use. */
    keep: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('cancel') }),
])
export type PromptAnswer = z.infer<typeof promptAnswer>
