// The stream of a ProxyCommand: a program whose stdin and stdout are the connection.
import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import type { OnLog } from './ask.ts'

const MAX_LOGGED_BYTES = 4096

/** Destroying the stream ends the program. */
export function startProxyCommand(command: string, onLog: OnLog): Duplex {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'pipe'] })
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < MAX_LOGGED_BYTES) said += chunk.toString('utf8')
  })
  child.on('error', (error) => stream.destroy(error))
  child.on('close', (code) => {
    if (said.trim() !== '')
      onLog(code === 0 ? 'info' : 'warning', `ProxyCommand: ${said.trim().slice(0, MAX_LOGGED_BYTES)}`)
    if (code !== 0 && !stream.destroyed) stream.destroy(new Error(`ProxyCommand ended with code ${code}`))
  })
  stream.on('close', () => child.kill())
  return stream
}
