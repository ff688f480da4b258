// Gives a window's page its port to the desktop contract.
import type { MessagePortMain } from 'electron'
import type { TextChannel } from '../../shared/channel/text-channel.ts'
import type { DesktopNotifications } from '../../shared/contract/index.ts'
import { notifier } from '../../shared/rpc.ts'
import { serveDesktop } from '../desktop/desktop-server.ts'
import type { Workbench } from '../workbench.ts'
import type { ServedPort } from './window.ts'

export type DesktopPort = Pick<MessagePortMain, 'postMessage' | 'start' | 'close'> & {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
}

export interface PortPair {
  readonly port1: DesktopPort
  readonly port2: DesktopPort
}

/** Serves one end of a new pair and sends the other by `hand`. */
export function handPort(
  workbench: Workbench,
  pair: PortPair,
  hand: (port: DesktopPort) => void,
): ServedPort {
  const connection = serveDesktop(channelOfPort(pair.port1), workbench)
  hand(pair.port2)
  const notify = notifier<DesktopNotifications>(connection)
  return { showPage: (page) => notify('page/shown', { page }), end: () => pair.port1.close() }
}

/** A MessagePort as a channel of texts. */
export function channelOfPort(port: DesktopPort): TextChannel {
  return {
    send: (text) => port.postMessage(text),
    onText: (listener) => {
      port.on('message', ({ data }) => listener(String(data)))
      port.start()
    },
    onClose: (listener) => port.on('close', listener),
    close: () => port.close(),
  }
}
