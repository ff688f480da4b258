// The answer of an address that a person named: one small JSON document, untrusted. Nothing else is fetched, and no redirect
// is followed.
import { z } from 'zod'
import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'

const longestBytes = 256 * 1024
const answersWithinMs = 15_000

const version = z
  .string()
  .max(64)
  .regex(/^v?\d{1,6}\.\d{1,6}\.\d{1,6}$/)
/** A document of its own, or a release as GitHub, Gitea and Forgejo describe it. */
const feedAnswer = z.union([
  z.object({ version, page: z.string().max(2048).optional() }),
  z
    .object({ tag_name: version, html_url: z.string().max(2048).optional() })
    .transform(({ tag_name, html_url }) => ({ version: tag_name, page: html_url })),
])

export interface Release {
  /** Without a leading v. */
  readonly version: string
  readonly page?: string | undefined
}

/** Throws `unreachable`, `timed-out` or `protocol`. */
export async function readFeed(feed: string, signal: AbortSignal): Promise<Release> {
  const text = await fetchText(feed, AbortSignal.any([signal, AbortSignal.timeout(answersWithinMs)]))
  return parseFeed(text)
}

/** Throws `protocol`. Pure. */
export function parseFeed(text: string): Release {
  try {
    const { version: found, page } = feedAnswer.parse(JSON.parse(text))
    return { version: found.replace(/^v/, ''), ...(page !== undefined && { page: oneLine(page, 2048) }) }
  } catch (error) {
    throw new Problem('protocol', 'cannot use the answer: it names no version such as 1.2.3', {
      cause: error,
    })
  }
}

/** By number, part for part. Pure. */
export function isNewer(one: string, than: string): boolean {
  const [a, b] = [one, than].map((text) => text.split('.').map(Number))
  const index = a?.findIndex((part, at) => part !== b?.[at]) ?? -1
  return index >= 0 && (a?.[index] ?? 0) > (b?.[index] ?? 0)
}

async function fetchText(feed: string, signal: AbortSignal): Promise<string> {
  try {
    const answer = await fetch(feed, { signal, redirect: 'error', headers: { accept: 'application/json' } })
    if (!answer.ok || answer.body === null) throw new Error(`it answers with status ${answer.status}`)
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of answer.body) {
      bytes += chunk.length
      if (bytes > longestBytes) throw new Error('its answer is too long')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    const code = signal.aborted ? 'timed-out' : 'unreachable'
    const reason = error instanceof Error ? (error.cause instanceof Error ? error.cause : error).message : ''
    throw new Problem(code, `cannot ask ${oneLine(feed, 256)}: ${oneLine(reason, 256)}`, { cause: error })
  }
}
