// Requests that nobody in particular would send to a web server.

type Random = (below: number) => number

/** The same numbers for the same seed. */
export function randomFrom(seed: number): Random {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Bytes that look like an HTTP request more often than not. */
export function randomRequest(random: Random): Buffer {
  const pick = <T>(choices: readonly T[]): T => choices[random(choices.length)] as T
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => random(256))).toString('latin1')
  const path = () =>
    pick([
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
    pick(['127.0.0.1', 'localhost', 'websocket', 'Upgrade', '[::1]', 'evil', '-1', '1e9', '\u00ff', noise(6)])
  const name = () =>
    pick([
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
  const headers = Array.from({ length: random(7) }, () => `${name()}: ${value()}`)
  const usual = random(2) ? ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'] : []
  const method = pick(['GET', 'GET', 'HEAD', 'POST', 'CONNECT', 'OPTIONS', noise(3)])
  const text = `${method} ${path()} HTTP/1.1\r\n${[...usual, ...headers].join('\r\n')}\r\n\r\n${random(3) ? '' : noise(random(64))}`
  return Buffer.from(random(20) ? text : noise(random(200)), 'latin1')
}
