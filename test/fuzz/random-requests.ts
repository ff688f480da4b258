// Requests that nobody in particular would send to a web server.
import type { Random } from '../../src/shared/statistics/random.ts'
import { pick } from './pick.ts'

/** Bytes that look like an HTTP request more often than not. */
export function randomRequest(random: Random): Buffer {
  const one = <T>(of: readonly T[]): T => pick(of, random)
  const noise = (length: number) =>
    Buffer.from(Array.from({ length }, () => random.below(256))).toString('latin1')
  const path = () =>
    one([
      '/',
      '//',
      '/rpc',
      '/rpc?',
      '/%2e%2e/x',
      '/../..',
      '*',
      'http://[::',
      '/%',
      '/%00',
      `/${noise(8)}`,
      noise(4),
    ])
  const value = () =>
    one(['127.0.0.1', 'localhost', 'websocket', 'Upgrade', '[::1]', 'evil', '-1', '1e9', '\u00ff', noise(6)])
  const name = () =>
    one([
      'Host',
      'Connection',
      'Upgrade',
      'Origin',
      'Cookie',
      'Sec-WebSocket-Key',
      'Sec-WebSocket-Version',
      'Sec-WebSocket-Extensions',
      'Sec-WebSocket-Protocol',
      'Content-Length',
      'Transfer-Encoding',
      'Expect',
      'Range',
      noise(3),
    ])
  const headers = Array.from({ length: random.below(7) }, () => `${name()}: ${value()}`)
  const usual = random.below(2) ? ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'] : []
  const method = one(['GET', 'GET', 'HEAD', 'POST', 'CONNECT', 'OPTIONS', noise(3)])
  const text = `${method} ${path()} HTTP/1.1\r\n${[...usual, ...headers].join('\r\n')}\r\n\r\n${random.below(3) ? '' : noise(random.below(64))}`
  return Buffer.from(random.below(20) ? text : noise(random.below(200)), 'latin1')
}
