// A session and a service that do not understand each other: of two builds, or one that hangs. It is said as such.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { HelperSession } from '../beds/engine/helper-session.ts'
import { isRoot } from '../beds/is-root.ts'
import { waitUntil } from '../beds/lab/processes.ts'

if (!isRoot) console.warn('skipped: only root may stand in for the service')

/** A service of a build that refuses every policy, as one does that does not know a key of it. */
const otherBuild = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()
while True:
    peer = s.accept()[0]; peer.sendall(b"singleton-helper 1 another-build\\n"); stream = peer.makefile("rb")
    while True:
        line = stream.readline()
        if not line: break
        length = int(line.split(b":")[1]); stream.readline(); asked = json.loads(stream.read(length))
        problem = {"code": "bad-input", "message": "Unrecognized key: newer"}
        is_start = asked["method"] == "policies/start"
        reply = {"error": {"code": -32000, "message": "no", "data": problem}} if is_start else {"result": {}}
        body = json.dumps({"jsonrpc": "2.0", "id": asked["id"], **reply}).encode()
        peer.sendall(b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
`
/** Listens and says nothing, as a service does whose loop hangs. */
const silent = `
import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()
while True: time.sleep(60)
`

describe.skipIf(!isRoot)('a session', () => {
  let folder = ''
  let service: ChildProcess | undefined
  let session: HelperSession | undefined
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'singleton-service-builds-'))
    mkdirSync(join(folder, 'run'), { mode: 0o700 })
  })
  afterEach(async () => {
    session?.child.stdin.end()
    await session?.ended
    service?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  async function openBeside(standIn: string): Promise<HelperSession> {
    const socket = join(folder, 'run/socket')
    service = spawn('/usr/bin/python3', ['-c', standIn, socket], { stdio: 'inherit' })
    const deaf = () => 'the stand-in for the service does not listen'
    await waitUntil(() => existsSync(socket), 60_000, deaf)
    session = new HelperSession(buildHelper(), ['--session'], {
      PATH: process.env.PATH,
      SINGLETON_STATE_DIR: join(folder, 'state'),
      SINGLETON_RUN_DIR: join(folder, 'run'),
      SINGLETON_CONFIG_DIR: join(folder, 'etc'),
    })
    return session
  }

  it('meets a policy that the service does not understand by the way to upgrade it', async () => {
    const opened = await openBeside(otherBuild)
    expect((await opened.call('policies/status')).result).toEqual({})
    const { error } = await opened.call('policies/start', { policy: { scrub: { mode: 'observe' } } })
    expect(error).toMatchObject({
      message: expect.stringContaining('the service is of another build than this workbench'),
      data: { code: 'bad-input', remedy: expect.stringContaining('service upgrade HOST') },
    })
    expect(error?.message).toContain('Unrecognized key: newer')
  })

  it.each(['policies/status', 'policies/start', 'policies/stop'])(
    'says that the service does not answer, and answers all else: %s',
    async (method) => {
      const opened = await openBeside(silent)
      const params = method === 'policies/start' ? { policy: { scrub: { mode: 'observe' } } } : {}
      expect((await opened.call(method, params)).error).toMatchObject({
        message: expect.stringContaining('run/socket: it has not answered within'),
        data: { code: 'timed-out', remedy: expect.stringContaining('systemctl status') },
      })
      expect((await opened.call('hello')).result).toBeDefined()
    },
  )
})
