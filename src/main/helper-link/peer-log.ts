// What the helper writes to stderr, as lines for the host's log: bounded, and without control characters.
import type { Readable } from 'node:stream'
import { oneLine } from '../../shared/text/printable.ts'
import type { OnLog } from '../ssh/ask.ts'

const maxLineLength = 2048
/** What a burst may bring, and what each second adds; the rest is dropped, and the log says so. */
const burstBytes = 64 * 1024
const bytesPerSecond = 8 * 1024

export interface PeerLog {
  /** The last lines, for the reason of an end. */
  tail(): string
}

/**
 * Passes on what the peer writes to stderr, by lines without control characters and at a bounded rate; what exceeds
 * the rate is dropped and said so.
 */
export function followPeerLog(stderr: Readable, onLog: OnLog): PeerLog {
  let pending = ''
  let recent: string[] = []
  let allowance = burstBytes
  let allowedAt = performance.now()
  let isDropping = false
  const emit = (line: string) => {
    const text = oneLine(line, maxLineLength)
    if (text === '') return
    recent = [...recent, text].slice(-5)
    onLog('info', text)
  }
  const mayTake = (size: number): boolean => {
    const now = performance.now()
    allowance = Math.min(burstBytes, allowance + ((now - allowedAt) / 1000) * bytesPerSecond) - size
    allowedAt = now
    if (allowance >= 0) isDropping = false
    else allowance = Math.max(allowance, -bytesPerSecond)
    return allowance >= 0
  }
  stderr.on('data', (chunk: Buffer | string) => {
    if (!mayTake(chunk.length)) {
      if (!isDropping) onLog('warning', 'the helper writes more log than is kept; lines are dropped')
      isDropping = true
      pending = ''
      return
    }
    const lines = (pending + chunk.toString()).split(/\r?\n/)
    pending = (lines.pop() ?? '').slice(-maxLineLength)
    for (const line of lines) emit(line)
  })
  stderr.on('end', () => emit(pending))
  return {
    tail: () => [...recent, oneLine(pending, maxLineLength)].filter((line) => line !== '').join(' | '),
  }
}
