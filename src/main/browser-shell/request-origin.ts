// What a request must look like to be answered at all: asked of a loopback name, by a page of this very address.
import type { IncomingMessage } from 'node:http'

const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * The name under which the browser asked is one of loopback's own. Another name that resolves here is DNS rebinding.
 * The port may differ from ours: `ssh -L` forwards from any port.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = /^([a-z0-9.]+|\[::1\])(:\d{1,5})?$/i.exec(host ?? '')?.[1]
  return name !== undefined && loopbackNames.has(name.toLowerCase())
}

/** A page of this server, and no other page that happens to know the port. */
export function isSameOrigin(request: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = request.headers
  return origin === `http://${host}` && isLoopbackHost(host)
}

/** The path of a request, undecoded; undefined for what is no path on this server (`//x`, `*`, a whole URL). */
export function pathOf(url: string | undefined): string | undefined {
  const path = /^[^?#]*/.exec(url ?? '')?.[0] ?? ''
  return /^\/(?!\/)[\x21-\x7e]*$/.test(path) || path === '/' ? path : undefined
}
