// The terminal, as far as there is one: answers on stdout, progress and questions on stderr.
import type { ReadStream } from 'node:tty'
import { Problem, type ProblemData } from '../../shared/problem.ts'
import { clearStatus, inLine, statusLine, terminalText } from '../../shared/text/terminal.ts'

export interface Terminal {
  readonly interactive: boolean
  print(text: string): void
  /** One line that is overwritten by the next; shows nothing where stderr is no terminal. */
  showProgress(text: string): void
  warn(text: string): void
  /** Rejects with the signal's reason, or `cancelled` at Ctrl-C. Without `echo` nothing typed is shown. */
  readLine(question: string, echo: boolean, signal: AbortSignal): Promise<string>
}

/** The message and, on a second line, the remedy; without control characters. */
export function describeProblem({ message, remedy }: ProblemData): string {
  return remedy === undefined ? inLine(message, 4096) : `${inLine(message, 4096)}\n  ${inLine(remedy, 4096)}`
}

/** This process's terminal: results go to stdout, progress and warnings to stderr. */
export function openTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  let progressShown = false
  const clear = () => {
    if (progressShown) stderr.write(clearStatus)
    progressShown = false
  }
  return {
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    print: (text) => {
      clear()
      stdout.write(terminalText(text.endsWith('\n') ? text : `${text}\n`))
    },
    showProgress: (text) => {
      if (!stderr.isTTY) return
      stderr.write(statusLine(text, stderr.columns || 80))
      progressShown = true
    },
    warn: (text) => {
      clear()
      stderr.write(`${terminalText(text)}\n`)
    },
    readLine: async (question, echo, signal) => {
      clear()
      stderr.write(terminalText(question))
      return readRaw(stdin, echo, signal)
    },
  }
}

const enter = new Set(['\r', '\n'])
const interrupt = new Set(['\u0003', '\u0004'])
const erase = new Set(['\u007f', '\b'])

/** Reads key by key, so that a secret is never shown and Ctrl-C is seen. */
function readRaw(stdin: ReadStream, echo: boolean, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let line = ''
  const typed = (text: string) => {
    for (const key of text) {
      if (enter.has(key)) return resolve(line)
      if (interrupt.has(key)) return reject(new Problem('cancelled', 'cancelled at the prompt'))
      line = erase.has(key) ? line.slice(0, -1) : line + key
      if (echo) process.stderr.write(erase.has(key) ? '\b \b' : key)
    }
    return undefined
  }
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdin.on('data', typed)
  stdin.resume()
  return promise.finally(() => {
    signal.removeEventListener('abort', abort)
    stdin.off('data', typed)
    stdin.setRawMode(false)
    stdin.pause()
    process.stderr.write('\n')
  })
}
