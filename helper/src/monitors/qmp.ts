// QMP on a stream: the greeting, then one command at a time. What comes from the peer is not trusted.

import type { Duplex } from 'node:stream'
import { z } from 'zod'
import { Problem } from '../../../src/shared/problem.ts'
import { Deadline } from '../../../src/shared/time/deadline.ts'
import { formatSeconds } from '../../../src/shared/units.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { type Monitor, qmpReply, unwrapReply } from './monitor.ts'

const greetingMs = { alone: 3_000, amongMany: 1_000 }
const commandTimeoutMs = 10_000
// A line of query-blockstats with hundreds of disks stays below.
const maxLineLength = 8 * 2 ** 20
/** Events between two replies; a monitor that sends more is not answering. */
const maxEvents = 10_000

const greeting = z.object({ QMP: z.object({ version: z.unknown() }) })

/** How long a monitor may take. */
export interface QmpPatience {
  readonly deadline: Deadline
  /** The commands, too, have to be done by then; else each has a time of its own. */
  readonly isWhole: boolean
}

/**
 * Waits for the greeting and only then says something: what listens may be another program.
 * Throws `timed-out` where no greeting comes: QEMU leaves a second client waiting, others say nothing at all.
 */
export async function openQmp(socket: Duplex, via: string, patience?: QmpPatience): Promise<Monitor> {
  const lines = new Lines(socket, via)
  const leftMs = (timeoutMs: number) => Math.min(timeoutMs, patience?.deadline.leftMs ?? timeoutMs)
  let lastId = 0
  const execute: Monitor['execute'] = async (command, args, timeoutMs = commandTimeoutMs) => {
    const id = ++lastId
    socket.write(`${JSON.stringify({ execute: command, ...withValue({ arguments: args }), id })}\n`)
    const deadline = new Deadline(patience?.isWhole ? leftMs(timeoutMs) : timeoutMs)
    const late = () =>
      new Problem(
        'timed-out',
        `cannot run ${command} in the monitor (${via}): no answer in ${formatSeconds(deadline.allowedMs / 1000)}`,
      )
    for (let events = 0; events < maxEvents; events += 1) {
      const value = await lines.next(deadline.leftMs, late)
      if (isEvent(value)) continue
      const reply = qmpReply.safeParse(value)
      if (!reply.success || idOf(value) !== id) throw broken(via, `no reply to ${command}`)
      return unwrapReply(command, via, reply.data)
    }
    throw broken(via, `more than ${maxEvents} events while ${command} ran`)
  }
  const close = () => socket.destroy()
  try {
    const waitMs = leftMs(patience?.isWhole ? greetingMs.amongMany : greetingMs.alone)
    const first = await lines.next(waitMs, () => muteMonitor(via, waitMs))
    if (!greeting.safeParse(first).success) throw broken(via, 'no QMP greeting')
    await execute('qmp_capabilities')
    return { via, execute, close }
  } catch (error) {
    close()
    throw error
  }
}

/** A QMP socket serves one client at a time. */
export function busyMonitor(via: string): Problem {
  return new Problem('busy', `cannot use the monitor ${via}: another program is connected to it`, {
    remedy: 'Give the guest a QMP socket to spare: -qmp unix:/run/NAME.qmp,server=on,wait=off',
  })
}

function muteMonitor(via: string, waitedMs: number): Problem {
  const waited = formatSeconds(waitedMs / 1000)
  return new Problem('timed-out', `cannot use the monitor ${via}: no QMP greeting in ${waited}`, {
    remedy: 'See whether the guest runs at all, or whether another program waits for this monitor.',
  })
}

function broken(via: string, what: string): Problem {
  return new Problem('protocol', `cannot use the monitor ${via}: ${what}`)
}

/** Without a schema: nearly every reply is none, and to say why not takes as long as to read it. */
function isEvent(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string'
}

function idOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
}

/** The JSON values of a stream, one a line, with bounded memory. */
class Lines {
  readonly #via: string
  readonly #socket: Duplex
  #partial = ''
  readonly #values: unknown[] = []
  #failure: Problem | undefined
  #wake: () => void = () => undefined

  constructor(socket: Duplex, via: string) {
    this.#via = via
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => this.#take(chunk))
    socket.on('error', (error) =>
      this.#fail(new Problem('disconnected', `cannot use the monitor ${via}: ${error.message}`)),
    )
    const hungUp = () => this.#fail(new Problem('disconnected', `cannot use the monitor ${via}: it hung up`))
    socket.on('end', hungUp)
    socket.on('close', hungUp)
  }

  async next(timeoutMs: number, late: () => Problem): Promise<unknown> {
    if (this.#values.length === 0 && this.#failure === undefined) await this.#wait(timeoutMs)
    if (this.#values.length > 0) return this.#values.shift()
    throw this.#failure ?? late()
  }

  #wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, timeoutMs))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #take(chunk: string): void {
    // What came before is not gone through again with each byte that a peer sends by itself.
    const [first = '', ...others] = chunk.split('\n')
    const lines = [this.#partial + first, ...others]
    this.#partial = lines.pop() ?? ''
    if (this.#partial.length > maxLineLength || this.#values.length > maxEvents) {
      this.#fail(broken(this.#via, 'it sends more than any answer may hold'))
    }
    for (const line of lines) if (line.trim() !== '') this.#parse(line)
    if (this.#values.length > 0) this.#wake()
  }

  #parse(line: string): void {
    try {
      this.#values.push(JSON.parse(line))
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      this.#fail(broken(this.#via, 'it sent a line that is not JSON'))
    }
  }

  #fail(problem: Problem): void {
    this.#failure ??= problem
    this.#socket.destroy()
    this.#wake()
  }
}
