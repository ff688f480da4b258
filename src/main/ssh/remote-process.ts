// A program on the far side of an SSH connection.

import type { Client, ClientChannel } from 'ssh2'
import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'
import { withValue } from '../../shared/with-value.ts'
import { cancelledProblem } from './clock.ts'
import { type ExitStatus, type HostProcess, quoteLoginWord } from './host-process.ts'

const openTimeoutMs = 20_000

/** Runs `script` by /bin/sh whatever the login shell is. `signal` also ends the running program. */
export async function startRemoteProcess(
  client: Client,
  label: string,
  script: string,
  signal: AbortSignal,
): Promise<HostProcess> {
  const process = await openProcess(client, label, script)
  const cancel = () => process.kill()
  signal.addEventListener('abort', cancel, { once: true })
  void process.exited.then(() => signal.removeEventListener('abort', cancel))
  if (signal.aborted) {
    process.kill()
    throw cancelledProblem(`cannot run a program on ${label}`, signal)
  }
  return process
}

function openProcess(client: Client, label: string, script: string): Promise<HostProcess> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) =>
      reject(new Problem('disconnected', `cannot run a program on ${label}: ${reason}`))
    const timer = setTimeout(() => fail(`no answer within ${openTimeoutMs / 1000} s`), openTimeoutMs)
    try {
      client.exec(`exec /bin/sh -c ${quoteLoginWord(script)}`, (error, channel) => {
        clearTimeout(timer)
        // At once: where this process was held up, the program's end is in the same packet, and its events come before any
        // promise goes on.
        if (error === undefined) resolve(describeChannel(channel))
        // The words are the host's.
        else fail(oneLine(error.message, 512))
      })
    } catch (error) {
      clearTimeout(timer)
      // ssh2 throws 'Not connected' right away.
      fail((error as Error).message)
    }
  })
}

function describeChannel(channel: ClientChannel): HostProcess {
  const exited = new Promise<ExitStatus>((resolve) => {
    let status: ExitStatus = {}
    channel.on('exit', (code: number | null, signal?: string) => {
      status = {
        ...(code !== null && { code }),
        ...withValue({ signal: signal === undefined ? undefined : oneLine(signal, 32) }),
      }
    })
    channel.once('close', () => resolve(status))
  })
  // A program that ends early closes its stdin under us; its exit tells why.
  channel.on('error', () => channel.close())
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    exited,
    kill: () => {
      channel.signal('TERM')
      channel.close()
    },
  }
}
