// 10,000 command lines that make no sense and 10,000 requests that do not parse: each is refused with its cause, none
// ends the helper, and none changes anything.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../src/shared/statistics/random.ts'
import { type FaultLab, upFaultLab } from '../beds/fault/fault-lab.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import { run } from '../beds/lab/run.ts'
import { malformedCommand } from '../fuzz/random-commands.ts'
import { malformedRequest } from '../fuzz/random-messages.ts'

const root = dirname(dirname(import.meta.dirname))
const SEED = Number(process.env.SINGLETON_TEST_SEED ?? 20_261)
const LINES = 10_000
const LINES_OF_BINARY = 60
const AT_ONCE = 4
const REQUESTS = 10_000
const REQUESTS_AT_ONCE = 32

// A mistake of the test must do no harm: no guest of anybody is in sight, and KSM cannot be written.
const CLOSED_ROOM =
  'mount --bind /sys/kernel/mm/ksm /sys/kernel/mm/ksm && mount -o remount,bind,ro /sys/kernel/mm/ksm && exec "$@"'

describe.skipIf(!isRoot)(`malformed input (SINGLETON_TEST_SEED=${SEED})`, () => {
  let lab: FaultLab
  beforeAll(async () => {
    lab = await upFaultLab()
    const { path, block } = lab.writeFile('image', 16)
    await lab.startGuest({
      name: 'holder',
      ramMiB: 128,
      contents: [block],
      drives: [`file=${path},format=raw`],
    })
  })
  afterAll(() => lab?.down())

  // Residency is not compared over so long a time: the kernel reclaims cold pages by itself.
  const look = async () => ({
    ksm: readKsmSettings(),
    // Every change of the host, an eviction too, is written down there before it is made.
    state: (await lab.host.exec('ls -A /var/lib/singleton-helper /run/singleton-helper 2>/dev/null')).stdout,
  })

  it(`refuses ${LINES} command lines in one process`, async () => {
    const state = join(lab.folder, 'state')
    const bun = join(root, 'node_modules/@oven/bun-linux-x64/bin/bun')
    const script = join(root, 'test/fuzz/run-random-commands.ts')
    const room = ['--pid', '--mount', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', CLOSED_ROOM, 'sh']
    const result = await run('unshare', [...room, bun, script, `${SEED}`, `${LINES}`], {
      env: { ...process.env, SINGLETON_STATE_DIR: state, SINGLETON_RUN_DIR: state },
    })
    expect(result.code, result.stderr).toBe(0)
    expect(JSON.parse(result.stdout)).toEqual([])
    expect(existsSync(state)).toBe(false)
  })

  it(`refuses ${LINES_OF_BINARY} command lines as the program that is shipped`, async () => {
    const before = await look()
    const random = createRandom(SEED + 1)
    const lines = Array.from({ length: LINES_OF_BINARY }, () => malformedCommand(random))
      // No program can be given a NUL.
      .filter((args) => !args.some((arg) => arg.includes('\0')))
    expect(lines.length).toBeGreaterThan(0.9 * LINES_OF_BINARY)
    const wrong: object[] = []
    const runNext = async (): Promise<void> => {
      for (let args = lines.pop(); args !== undefined; args = lines.pop()) {
        const enter = ['--target', `${lab.host.initPid}`, '--pid', '--mount', '--uts', lab.program]
        const { code, stdout, stderr } = await run('nsenter', [...enter, ...args], { timeoutMs: 90_000 })
        const cause = args.includes('--json') ? JSON.parse(stdout).problem.message : stderr
        if (code !== 2 || !cause || stderr.includes('cannot finish the request'))
          wrong.push({ args, code, stderr })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, runNext))
    expect(wrong).toEqual([])
    expect(await look()).toEqual(before)
  })

  it(`refuses ${REQUESTS} requests in a session that may change the host`, async () => {
    const before = await look()
    const session = await lab.openSession()
    const random = createRandom(SEED + 2)
    const wrong: object[] = []
    for (let first = 1; first <= REQUESTS; first += REQUESTS_AT_ONCE) {
      const ids = Array.from({ length: REQUESTS_AT_ONCE }, (_, index) => 1000 + first + index)
      const requests = new Map(ids.map((id) => [id, malformedRequest(random, id)]))
      for (const request of requests.values()) session.send(request)
      for (const [id, request] of requests) {
        const { error } = await session.waitFor((answer) => answer.id === id)
        if (!error?.message || /cannot finish the request/.test(error.message)) wrong.push({ request, error })
      }
      session.answers.length = 0
    }
    expect(wrong.slice(0, 10)).toEqual([])
    expect((await session.call('ksm/status')).error).toBeUndefined()
    expect(await session.end()).toBe(0)
    expect(await look()).toEqual(before)
  })
})
