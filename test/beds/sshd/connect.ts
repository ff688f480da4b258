// How tests connect to a test host: as a person with a home, keeping every step and line of the log.

import {
  type HelperLink,
  type LinkOptions,
  openHelperLink,
} from '../../../src/main/helper-link/helper-link.ts'
import { runScript, type ScriptResult } from '../../../src/main/helper-link/run-script.ts'
import { connectSsh } from '../../../src/main/ssh/connection.ts'
import type { HostShell } from '../../../src/main/ssh/host-process.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { type Person, personWho, type SshHome } from './ssh-home.ts'
import type { Sshd } from './start-sshd.ts'

export const never: AbortSignal = new AbortController().signal

export interface Told {
  readonly steps: string[]
  readonly log: string[]
}

export function rootAt(sshd: Sshd): string {
  return `root@127.0.0.1:${sshd.port}`
}

export interface ShellRequest {
  readonly home: SshHome
  readonly person?: Person
  readonly agentSocket?: string
}

/** The machine's own ssh_config is left out. */
export async function openShell(
  address: string,
  { home, person = personWho(), agentSocket }: ShellRequest,
): Promise<Told & { readonly shell: HostShell }> {
  const told: Told = { steps: [], log: [] }
  const shell = await connectSsh(address, {
    source: { home: home.path, systemConfig: '', ...withValue({ agentSocket }) },
    ask: person.ask,
    onStep: (step) => told.steps.push(step),
    onLog: (_, text) => told.log.push(text),
    signal: never,
  })
  return { ...told, shell }
}

/** Over a connection of its own. */
export async function runOver(
  address: string,
  script: string,
  request: ShellRequest,
): Promise<Told & ScriptResult> {
  const { shell, ...told } = await openShell(address, request)
  try {
    return { ...told, ...(await runScript(shell, script, never)) }
  } finally {
    await shell.close()
  }
}

export type LinkRequest = Pick<LinkOptions, 'address'> &
  Partial<Pick<LinkOptions, 'readOnly' | 'signal' | 'preambleTimeoutMs'>> & {
    readonly home: SshHome
    readonly helperDirectory: string
    readonly person?: Person
    readonly onStep?: (step: string) => void
  }

/** In observe mode unless asked otherwise; a question without an answer is cancelled. */
export function linkOptions(request: LinkRequest, told: Told = { steps: [], log: [] }): LinkOptions {
  const { home, helperDirectory, person = personWho(), onStep, ...rest } = request
  return {
    readOnly: true,
    signal: never,
    ...rest,
    ask: person.ask,
    onStep: (step) => {
      told.steps.push(step)
      onStep?.(step)
    },
    onLog: (_, text) => told.log.push(text),
    environment: { home: home.path, helperDirectory },
  }
}

export type OpenedLink = HelperLink & Told

export async function openLink(request: LinkRequest): Promise<OpenedLink> {
  const told: Told = { steps: [], log: [] }
  const { hello, call, closed, close } = await openHelperLink(linkOptions(request, told))
  return { hello, call, closed, close, ...told }
}
