// Binds the desktop contract to one tab or window: requests in, notifications out.
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node'
import { channelReader, channelWriter, type TextChannel } from '../../shared/channel/text-channel.ts'
import {
  type DesktopContract,
  type DesktopNotifications,
  desktopContract,
} from '../../shared/contract/index.ts'
import { type Handlers, notifier, serveContract } from '../../shared/rpc.ts'
import type { Announce } from '../announcer.ts'

/** What of the workbench a tab or window is served with. */
export interface ServedDesktop {
  readonly handlers: Handlers<DesktopContract>
  /** Returns the way to stop listening. */
  subscribe(listener: Announce): () => void
}

/** Serves until the channel closes. */
export function serveDesktop(channel: TextChannel, workbench: ServedDesktop): MessageConnection {
  const connection = createMessageConnection(channelReader(channel), channelWriter(channel))
  const notify = notifier<DesktopNotifications>(connection)
  serveContract(connection, desktopContract, workbench.handlers)
  const unsubscribe = workbench.subscribe(notify)
  connection.onClose(() => {
    unsubscribe()
    connection.dispose()
  })
  connection.listen()
  return connection
}
