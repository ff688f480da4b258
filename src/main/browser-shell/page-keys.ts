// Who may use the browser shell: pages that hold a secret which only an opened link gave them.
import { type Bytes, encodeBytes, nameOfKey, randomKey } from '../../shared/channel/page-key.ts'

/** A link that nobody opened within this time is worth nothing any more. */
export const linkLifetimeMs = 10 * 60_000
const maxLinks = 16
/** Pages beyond it: the one that was away longest has to be opened anew. */
const maxPages = 256

interface Link {
  readonly key: Bytes
  /** On the monotonic clock. */
  readonly expiresAt: number
}

/** Lives as long as the process; nothing of it is ever written. */
export class PageKeys {
  readonly #links = new Map<string, Link>()
  readonly #pages = new Map<string, Bytes>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** The secret part of a new link: good for one page, within ten minutes. */
  async newLink(): Promise<string> {
    const key = randomKey()
    this.#links.set(await nameOfKey(key), { key, expiresAt: this.#now() + linkLifetimeMs })
    dropOldest(this.#links, maxLinks)
    return encodeBytes(key)
  }

  find(name: string): Bytes | undefined {
    this.#dropExpired()
    return this.#pages.get(name) ?? this.#links.get(name)?.key
  }

  /**
   * For a page that has proven to hold the key of this name: a page's key stays; a link's is used up, and the page
   * goes on with `nextKey`. Undefined when another page used the link, or it expired, in the meantime.
   */
  async admit(name: string, nextKey: Bytes): Promise<'new-page' | 'known-page' | undefined> {
    const nextName = await nameOfKey(nextKey)
    this.#dropExpired()
    const pageKey = this.#pages.get(name)
    if (pageKey) {
      // Moved to the end: seen last.
      this.#pages.delete(name)
      this.#pages.set(name, pageKey)
      return 'known-page'
    }
    if (!this.#links.delete(name)) return undefined
    this.#pages.set(nextName, nextKey)
    dropOldest(this.#pages, maxPages)
    return 'new-page'
  }

  #dropExpired(): void {
    const now = this.#now()
    for (const [name, { expiresAt }] of this.#links) if (expiresAt <= now) this.#links.delete(name)
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const name of map.keys()) {
    if (map.size <= most) return
    map.delete(name)
  }
}
