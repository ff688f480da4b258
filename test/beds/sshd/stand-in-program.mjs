// What a stand-in helper runs on the host, once the two words below are filled in; it imports nothing.
const digest = 'DIGEST'
/** @type {string} */
const behaviour = 'BEHAVIOUR'

/** @param {string} text */
const say = (text) => process.stdout.write(text)

/** @param {unknown} value */
function frame(value) {
  const body = typeof value === 'string' ? value : JSON.stringify(value)
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** @param {string} text */
function sayForEver(text) {
  if (say(text)) setImmediate(sayForEver, text)
  else process.stdout.once('drain', () => sayForEver(text))
}

/** @param {boolean} readOnly */
function hello(readOnly) {
  const names =
    'pagemapScan pageFrames kpageflags cachestat guestMemory ksm ksmWritable ksmAdvisor ksmSmartScan pressure'
  return {
    protocol: 1,
    version: '0.0.0',
    buildDigest: digest,
    host: { hostname: 'stand-in', kernel: '6.1', pageSize: 4096, memTotalBytes: 1, memAvailableBytes: 1 },
    uid: process.getuid?.(),
    readOnly,
    capabilities: Object.fromEntries(names.split(' ').map((name) => [name, false])),
    limits: [JSON.stringify(process.env).slice(0, 500)],
  }
}

/** What each does when asked for a sample; those not named answer nothing. @type {Record<string, (id: unknown) => void>} */
const misbehaviours = {
  'oversize-frame': () => say('Content-Length: 68719476736\r\n\r\n{'),
  'half-frame': () => {
    say('Content-Length: 1000\r\n\r\n{"jsonrpc":')
    process.exit(0)
  },
  'invalid-json': () => say(frame('{"jsonrpc": nonsense')),
  'wrong-types': (id) => say(frame({ jsonrpc: '2.0', id, result: { at: 'yesterday' } })),
  'no-rpc': () => say(frame({ greeting: 'good day' })),
  flood: () => sayForEver(frame({ jsonrpc: '2.0', method: 'noise', params: {} }).repeat(500)),
  deaf: () => {
    process.stdin.pause()
    setInterval(() => process.pid, 1000)
  },
}

/** @param {{ id: unknown, method: string }} request */
function answer({ id, method }) {
  if (method === 'hello') {
    say(frame({ jsonrpc: '2.0', id, result: hello(process.argv.includes('--read-only')) }))
  } else if (method === 'sample') misbehaviours[behaviour]?.(id)
  else if (method === 'audit/list') say(frame({ jsonrpc: '2.0', id, result: [] }))
}

function serve() {
  let held = ''
  process.stdin.setEncoding('latin1').on('data', (/** @type {string} */ text) => {
    held += text
    for (;;) {
      const match = /^Content-Length: (\d+)\r\n\r\n/.exec(held)
      if (match === null || held.length < match[0].length + Number(match[1])) return
      const end = match[0].length + Number(match[1])
      const request = JSON.parse(held.slice(match[0].length, end))
      held = held.slice(end)
      answer(request)
    }
  })
  process.stdin.on('end', () => process.exit(0))
}

function begin() {
  if (behaviour === 'ends-at-once') process.exit(3)
  if (behaviour === 'illegal-instruction') process.kill(process.pid, 'SIGILL')
  if (behaviour === 'endless-noise') return sayForEver('noise '.repeat(1000))
  if (behaviour === 'silent') return process.stdin.resume().on('end', () => process.exit(0))
  if (behaviour === 'noisy') say(`Welcome!\nsingleton-helper is not this line\n${'x'.repeat(60_000)}\n`)
  if (behaviour === 'control-characters') process.stderr.write('\u001b[31mred\u001b[0m and \u0007bell\n')
  const said = behaviour === 'wrong-digest' ? 'deadbeefdeadbeef' : digest
  say(`singleton-helper ${behaviour === 'wrong-protocol' ? 999 : 1} ${said}\n`)
  serve()
}

begin()
