// No space left where the helper keeps its journal, its audit and its lock.
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectUntouched } from '../beds/engine/untouched.ts'
import { type FaultLab, upFaultLab } from '../beds/fault/fault-lab.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'

const STATE = '/run/lab/state'
const RUN = '/run/lab/run'

describe.skipIf(!isRoot)('without space', () => {
  let lab: FaultLab
  let image = ''
  beforeAll(async () => {
    lab = await upFaultLab()
    const { path, block } = lab.writeFile('image', 16)
    image = path
    await lab.startGuest({
      name: 'holder',
      ramMiB: 128,
      contents: [block],
      drives: [`file=${path},format=raw`],
    })
    for (const folder of [STATE, RUN]) {
      const made = await lab.host.exec(
        `mkdir ${folder} && mount -t tmpfs -o size=512k,mode=700 tmpfs ${folder}`,
      )
      expect(made.code, made.stderr).toBe(0)
    }
  })
  afterEach(() => lab.host.exec(`rm -f ${STATE}/filler ${RUN}/filler`))
  afterAll(() => lab?.down())

  const helper = (args: string) =>
    lab.helper(args, `env SINGLETON_STATE_DIR=${STATE} SINGLETON_RUN_DIR=${RUN}`)
  /** Leaves not a byte. */
  const fill = (folder: string) => lab.host.exec(`cat /dev/zero >${folder}/filler 2>/dev/null; true`)
  const list = async (folder: string) =>
    (await lab.host.exec(`ls -A ${folder}`)).stdout.trim().split('\n').sort()

  it.each([
    ['scrub', STATE],
    ['ksm start', STATE],
    ['ksm unmerge', STATE],
    ['govern --once', STATE],
    ['scrub', RUN],
    ['ksm start --pages-to-scan 100', RUN],
    ['govern --once', RUN],
  ])('%s is refused before it changes anything: %s is full', async (command, folder) => {
    await fill(folder)
    const settings = readKsmSettings()
    const look = async () => {
      const refused = await helper(`${command} --json`)
      expect(refused.code, refused.stderr).toBe(1)
      const { problem } = JSON.parse(refused.stdout)
      expect(problem.code).toBe('out-of-space')
      expect(problem.message).toContain(folder)
    }
    await expectUntouched([image], look, () => void readFileSync(image))
    expect(readKsmSettings()).toEqual(settings)
    expect((await list(folder)).filter((name) => name !== 'filler' && name !== 'audit.jsonl')).toEqual([])
  })

  it('puts KSM back all the same, and records it where the journal was or says that it could not', async () => {
    const found = readKsmSettings()
    const started = await helper('ksm start --pages-to-scan 1 --sleep-ms 60000')
    expect(started.code, started.stderr).toBe(0)
    expect(readKsmSettings()).not.toEqual(found)
    await fill(STATE)
    const restored = await helper('ksm restore')
    expect(restored.code, restored.stderr).toBe(0)
    // The journal that is no longer needed makes room.
    const audit = (await lab.host.exec(`cat ${STATE}/audit.jsonl`)).stdout
    if (!audit.includes('"ksm restore"')) expect(restored.stderr).toContain('not recorded')
    expect(readKsmSettings()).toEqual(found)
    expect(await list(STATE)).toEqual(['audit.jsonl', 'filler'])
  })

  it('puts KSM back without a lock where there is no room for one', async () => {
    const found = readKsmSettings()
    const started = await helper('ksm start --pages-to-scan 1 --sleep-ms 60000')
    expect(started.code, started.stderr).toBe(0)
    await fill(RUN)
    const restored = await helper('ksm restore')
    expect(restored.code, restored.stderr).toBe(0)
    expect(readKsmSettings()).toEqual(found)
    expect(await list(RUN)).toEqual(['filler'])
  })

  it('looks on, whatever is full', async () => {
    await fill(STATE)
    await fill(RUN)
    for (const command of ['probe', 'assess', 'scrub --dry-run', 'ksm status', 'govern --once --dry-run']) {
      expect(await helper(command), command).toMatchObject({ code: 0 })
    }
  })
})
