// What a stand-in helper runs on the host, once the two words below are filled in; it imports nothing.
const digest = 'DIGEST'
/** @type {string} */
const given = 'BEHAVIOUR'
/** One build for a fleet: the file says what this host does. */
const behaviour =
  given === 'by-host'
    ? process.getBuiltinModule('node:fs').readFileSync(`${process.env.HOME}/behaviour`, 'utf8').trim()
    : given

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

/** @param {string} name @param {number} figure */
function sample(name, figure, more = {}) {
  const problem = { code: 'gone', message: name }
  return {
    at: Date.now(),
    monotonicSeconds: performance.now() / 1000,
    memory: { totalBytes: figure, freeBytes: figure, availableBytes: figure, cachedBytes: figure },
    gauges: {},
    guests: [{ pid: 1, name, rssBytes: figure, rcharBytes: figure, readBytes: figure }],
    images: [{ path: `/${name}`, residentBytes: figure }],
    helper: { cpuSeconds: 1, rssBytes: figure },
    unreadable: [{ path: `/${name}`, problem }],
    ...more,
  }
}

/** @param {unknown} id @param {unknown} result */
const tell = (id, result) => say(frame({ jsonrpc: '2.0', id, result }))
/** @param {number} count */
const many = (count) => Array.from({ length: count }, () => ({ pid: 1, name: 'same', rssBytes: 1 }))
const hostileName = 'web\u202e\u200b\u001b[2J<img src=x onerror=alert(1)>\r\n;=cmd|calc'

const round = {
  runId: 'run',
  at: 1,
  sequence: 1,
  imageCacheBytes: 0,
  imageCacheLimitBytes: 0,
  evictedBytes: 0,
  returnedBytes: 0,
  cpu: { helperRatio: 0 },
  guards: [],
  decisions: [hostileName],
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
  honest: (id) => tell(id, sample('guest', 1024 ** 3)),
  'huge-figures': (id) => tell(id, sample('guest', Number.MAX_SAFE_INTEGER)),
  'beyond-figures': (id) => tell(id, sample('guest', 1e308)),
  'negative-figures': (id) => tell(id, sample('guest', -5)),
  'no-number': (id) =>
    say(
      frame(
        JSON.stringify({ jsonrpc: '2.0', id, result: sample('guest', 1) }).replace(
          '"cpuSeconds":1',
          '"cpuSeconds":NaN',
        ),
      ),
    ),
  'no-date': (id) => tell(id, sample('guest', 1, { at: 1e300 })),
  'many-guests': (id) => tell(id, sample('guest', 1, { guests: many(200_000) })),
  'same-guest-often': (id) => tell(id, sample('guest', 1, { guests: many(1024) })),
  'large-frame': () => say(frame(' '.repeat(60 * 1024 * 1024))),
  'wrong-ids': () => {
    for (const id of [0, -1, 1e9, 'x', null, {}, []]) tell(id, sample('guest', 1))
  },
  'hostile-names': (id) => tell(id, sample(hostileName, 1)),
  'hostile-rounds': (id) => {
    tell(id, sample('guest', 1))
    say(frame({ jsonrpc: '2.0', method: 'policies/round', params: { nonsense: hostileName } }).repeat(900))
  },
  'round-flood': (id) => {
    tell(id, sample('guest', 1))
    say(frame({ jsonrpc: '2.0', method: 'policies/round', params: round }).repeat(900))
  },
  'log-flood': (id) => {
    tell(id, sample('guest', 1))
    process.stderr.write(`${hostileName}\n`.repeat(20_000))
  },
  deaf: () => {
    process.stdin.pause()
    setInterval(() => process.pid, 1000)
  },
}

/** @param {unknown} progressToken */
function reportForEver(progressToken, count = 0) {
  const value = { step: `${hostileName} ${count}`, fraction: (count % 100) / 100, detail: hostileName }
  say(frame({ jsonrpc: '2.0', method: '$/progress', params: { token: progressToken, value } }).repeat(20))
  setTimeout(reportForEver, 25, progressToken, count + 1)
}

/** @param {{ id: unknown, method: string, params: { progressToken?: unknown } }} request */
function answer({ id, method, params }) {
  if (method === 'hello') {
    say(frame({ jsonrpc: '2.0', id, result: hello(process.argv.includes('--read-only')) }))
  } else if (method === 'sample') {
    if (behaviour === 'progress-flood') tell(id, sample('guest', 1))
    else misbehaviours[behaviour]?.(id)
  } else if (method === 'assess' && behaviour === 'progress-flood') reportForEver(params.progressToken)
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
