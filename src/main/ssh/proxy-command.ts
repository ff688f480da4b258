// The stream of a ProxyCommand: a program whose stdin and stdout are the connection.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { oneLine } from '../../shared/text/printable.ts'
import type { OnLog } from './ask.ts'

const maxLoggedLength = 4096

/** Destroying the stream ends the program; a program that fails destroys the stream. */
export function startProxyCommand(command: string, onLog: OnLog): Duplex {
  const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe' })
  const stream = new ProgramStream(child)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < maxLoggedLength) said += text
  })
  child.on('error', (error) => stream.destroy(error))
  child.on('close', (code) => {
    const words = oneLine(said, maxLoggedLength)
    if (words !== '') onLog(code === 0 ? 'info' : 'warning', `ProxyCommand: ${words}`)
    if (code !== 0) stream.destroy(new Error(`ProxyCommand ended with code ${code}: ${words.slice(0, 500)}`))
  })
  // It may fail before anybody listens; whoever uses the stream then finds it destroyed.
  stream.on('error', () => stream.destroy())
  return stream
}

class ProgramStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams

  constructor(child: ChildProcessWithoutNullStreams) {
    super()
    this.#child = child
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause()
    })
    child.stdout.on('end', () => this.push(null))
    // The program's exit says more.
    child.stdin.on('error', () => child.stdin.destroy())
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, (error) => callback(error))
  }

  override _final(callback: () => void): void {
    this.#child.stdin.end(callback)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#child.kill()
    callback(error)
  }
}
