// A vscode-jsonrpc connection over a TextChannel.
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/browser'
import { channelReader, channelWriter, type TextChannel } from '../../shared/channel/text-channel.ts'

export function connectOver(channel: TextChannel): MessageConnection {
  return createMessageConnection(channelReader(channel), channelWriter(channel))
}
