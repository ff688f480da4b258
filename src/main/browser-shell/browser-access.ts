// Who may use the browser shell: whoever opened the printed URL, from a page of this very origin.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * The name under which the browser asked is one of loopback's own. Another name that resolves here is DNS rebinding.
 * The port may differ from ours: `ssh -L` forwards from any port.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = /^(.+?)(:\d+)?$/.exec(host ?? '')?.[1]
  return name !== undefined && loopbackNames.has(name.toLowerCase())
}

/** A page of this server, and no other page that happens to know the port. */
export function isSameOrigin(request: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = request.headers
  return origin === `http://${host}` && isLoopbackHost(host)
}

/** A token is good for one exchange against a cookie; then the next one is printed. */
export class BrowserAccess {
  #token = newSecret()
  readonly #session = newSecret()
  readonly #cookieName: string

  /** Cookies are shared by all ports of a host, so the port is in the name. */
  constructor(port: number) {
    this.#cookieName = `singleton-${port}`
  }

  get token(): string {
    return this.#token
  }

  /** The Set-Cookie header for a right token, which is then used up. */
  exchange(token: string): string | undefined {
    if (!isEqual(token, this.#token)) return undefined
    this.#token = newSecret()
    return `${this.#cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`
  }

  isAllowed(cookieHeader: string | undefined): boolean {
    const prefix = `${this.#cookieName}=`
    const cookies = (cookieHeader ?? '').split(';').map((cookie) => cookie.trim())
    return cookies.some(
      (cookie) => cookie.startsWith(prefix) && isEqual(cookie.slice(prefix.length), this.#session),
    )
  }
}

function newSecret(): string {
  return randomBytes(24).toString('base64url')
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
