// The link to main: opens, listens, and opens again after a loss. Calls in between fail with `disconnected`.
import type { MessageConnection } from 'vscode-jsonrpc/browser'
import type { z } from 'zod'
import type { TextChannel } from '../../shared/channel/text-channel.ts'
import {
  type DesktopContract,
  type DesktopNotifications,
  desktopContract,
  desktopNotifications,
} from '../../shared/contract/index.ts'
import { asProblem, Problem, problemFromData } from '../../shared/problem.ts'
import { type Call, callContract, listenTo } from '../../shared/rpc.ts'
import { stripControlsDeep } from '../../shared/text/printable.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { connectOver } from './desktop-connection.ts'
import { LinkFailure, type LinkFailureReason } from './link-failure.ts'

export type DesktopCall = Call<DesktopContract>

export interface Lost {
  readonly reason: LinkFailureReason
  /** When the link was there last, or was first tried. */
  readonly at: number
  /** Absent: only a new link helps. */
  readonly retryAt?: number
}

export interface LinkEvents {
  /** Raised after every opening, the first included. */
  readonly onOpen: () => void
  /** The link stood and broke, or an attempt to open it failed. */
  readonly onLost: (lost: Lost) => void
  readonly onNotification: <K extends keyof DesktopNotifications & string>(
    name: K,
    value: z.infer<DesktopNotifications[K]>,
  ) => void
}

/**
 * What hosts call themselves, their guests and images is shown in many places, and must neither fake other text nor
 * turn its direction: it is cleaned where it arrives, so no screen has to think of it. Files are saved as they are.
 */
const files: ReadonlySet<string> = new Set(['reports/build', 'audit/export'])
const retryDelaysMs = [300, 600, 1_200, 2_500, 5_000] as const

export class Link {
  #call: DesktopCall | undefined
  #failures = 0
  #lostAt: number | undefined
  readonly #open: () => Promise<TextChannel>
  readonly #events: LinkEvents

  constructor(open: () => Promise<TextChannel>, events: LinkEvents) {
    this.#open = open
    this.#events = events
  }

  readonly call: DesktopCall = async (method, params, options) => {
    if (!this.#call) {
      throw new Problem('disconnected', `cannot run ${method}: the workbench is not reachable`, {
        remedy: 'Wait until the connection is back, then try again.',
      })
    }
    try {
      const result = await this.#call(method, params, options)
      return files.has(method) ? result : stripControlsDeep(result)
    } catch (error) {
      throw problemFromData(stripControlsDeep(asProblem(error, `cannot run ${method}`).toData()))
    }
  }

  start(): void {
    this.#open().then(
      (channel) => this.#use(connectOver(channel)),
      (error: unknown) => this.#lose(error instanceof LinkFailure ? error.reason : 'unreachable'),
    )
  }

  #use(connection: MessageConnection): void {
    connection.onClose(() => {
      connection.dispose()
      this.#lose('unreachable')
    })
    // A transport error also closes the channel, and closing is what counts.
    connection.onError(([error]) => console.error('the link to the workbench failed:', error.message))
    listenTo(
      connection,
      desktopNotifications,
      (name, value) => this.#events.onNotification(name, stripControlsDeep(value)),
      (name, reason) => console.error(`cannot use ${name}: ${reason}`),
    )
    connection.listen()
    this.#call = callContract(connection, desktopContract)
    this.#failures = 0
    this.#lostAt = undefined
    this.#events.onOpen()
  }

  #lose(reason: LinkFailureReason): void {
    this.#call = undefined
    const now = workbenchNow()
    this.#lostAt ??= now
    if (reason === 'no-key') {
      this.#events.onLost({ reason, at: this.#lostAt })
      return
    }
    const delayMs = retryDelaysMs[Math.min(this.#failures, retryDelaysMs.length - 1)] ?? 5_000
    this.#failures += 1
    this.#events.onLost({ reason, at: this.#lostAt, retryAt: now + delayMs })
    setTimeout(() => this.start(), delayMs)
  }
}
