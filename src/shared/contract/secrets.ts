// Passwords and passphrases that a person asked the workbench to keep. Their values never cross this contract.
import { z } from 'zod'
import { most } from './bounded.ts'
import { instant, name } from './quantity.ts'

/** Answers to a host's own questions are never kept: they may be codes that hold once. */
export const keptKind = z.enum(['password', 'passphrase', 'sudo'])

/** Where a secret that is kept lies. */
export const secretPlace = z.discriminatedUnion('state', [
  /** Encrypted with a key that `place` holds. */
  z.object({ state: z.literal('offered'), place: name }),
  /** This system has a store that gives no protection, or none that answers. */
  z.object({ state: z.literal('refused'), reason: z.string().max(1024) }),
  /** This program has no access to one: the browser shell and the command line. */
  z.object({ state: z.literal('none') }),
])
export type SecretPlace = z.infer<typeof secretPlace>

export const keptSecretId = z.string().regex(/^[0-9a-f]{32}$/)
export const keptSecret = z.object({
  id: keptSecretId,
  kind: keptKind,
  user: name,
  address: name,
  /** Path of the key for a passphrase, else whose password it is where that is said. */
  text: z.string().max(1024),
  keptAt: instant,
})
export type KeptSecret = z.infer<typeof keptSecret>

export const keptSecrets = z.object({
  place: secretPlace,
  kept: z.array(keptSecret).max(most.prompts),
})
