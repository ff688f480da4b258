// The link to main: opens, listens, and opens again after a loss. Calls made meanwhile fail with `disconnected`.
import type { MessageConnection } from 'vscode-jsonrpc/browser'
import type { z } from 'zod'
import {
  type DesktopContract,
  type DesktopNotifications,
  desktopContract,
  desktopNotifications,
} from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { type Call, callContract, listenTo } from '../../shared/rpc.ts'
import type { TextChannel } from '../../shared/text-channel.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { connectOver } from './desktop-connection.ts'

export type DesktopCall = Call<DesktopContract>

export interface LinkEvents {
  /** Raised after every opening, the first included. */
  readonly onOpen: () => void
  readonly onLost: (lost: { readonly at: number; readonly retryAt: number }) => void
  readonly onNotification: <K extends keyof DesktopNotifications & string>(
    name: K,
    value: z.infer<DesktopNotifications[K]>,
  ) => void
}

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

  readonly call: DesktopCall = (method, params, options) => {
    if (this.#call) return this.#call(method, params, options)
    return Promise.reject(
      new Problem('disconnected', `cannot run ${method}: the workbench is not reachable`, {
        remedy: 'Wait until the connection is back, then try again.',
      }),
    )
  }

  start(): void {
    this.#open().then(
      (channel) => this.#use(connectOver(channel)),
      () => this.#retry(),
    )
  }

  #use(connection: MessageConnection): void {
    connection.onClose(() => {
      connection.dispose()
      this.#retry()
    })
    // A transport error also closes the channel, and closing is what counts.
    connection.onError(([error]) => console.error('the link to the workbench failed:', error.message))
    listenTo(connection, desktopNotifications, this.#events.onNotification, (name, reason) =>
      console.error(`cannot use ${name}: ${reason}`),
    )
    connection.listen()
    this.#call = callContract(connection, desktopContract)
    this.#failures = 0
    this.#lostAt = undefined
    this.#events.onOpen()
  }

  #retry(): void {
    this.#call = undefined
    const delayMs = retryDelaysMs[Math.min(this.#failures, retryDelaysMs.length - 1)] ?? 5_000
    this.#failures += 1
    const now = workbenchNow()
    this.#lostAt ??= now
    this.#events.onLost({ at: this.#lostAt, retryAt: now + delayMs })
    setTimeout(() => this.start(), delayMs)
  }
}
