// A link to the helper of one host: over SSH, or a child process for this machine.
import type { Hello, HostContract } from '../../shared/contract/host-contract.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Call } from '../../shared/rpc.ts'
import type { Ask, OnLog } from '../ssh/ask.ts'
import type { SshEnvironment } from '../ssh/environment.ts'

export type { Ask, LogLevel, OnLog } from '../ssh/ask.ts'

export interface LinkOptions {
  /** `local`, an alias of ~/.ssh/config, or `[user@]host[:port]`. */
  readonly address: string
  /** The helper itself then refuses every change. */
  readonly readOnly: boolean
  readonly ask: Ask
  /** What is being done right now, for the screen: 'uploading helper 12.3 of 52 MiB'. */
  readonly onStep: (step: string) => void
  /** Lines for the host's log; they never hold secrets. */
  readonly onLog: OnLog
  /** Ends the attempt; after that, `close` ends the link. */
  readonly signal: AbortSignal
  readonly environment: SshEnvironment
}

export interface HelperLink {
  readonly hello: Hello
  readonly call: Call<HostContract>
  /** Resolves, never rejects, with why the link ended. */
  readonly closed: Promise<Problem>
  close(): Promise<void>
}

/** Connects, deploys the helper where it is missing, starts it and says hello. Rejects with a Problem. */
export async function openHelperLink(options: LinkOptions): Promise<HelperLink> {
  throw new Error(`not built yet: ${options.address}`)
}
