// How the person at the terminal gets a link, and that nobody else does.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isRoot } from '../beds/is-root.ts'
import { personEnv, type ServedWorkbench, serveWorkbench } from '../e2e/served-workbench.ts'
import { keyOfLink, openPage } from '../fakes/page.ts'

const root = join(import.meta.dirname, '../..')
const nobody = 65_534
if (!isRoot) console.warn('skipped in part: another user is tried as root only')

let folder: string
let workbench: ServedWorkbench

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-links-'))
  // As a careless umask would have it, so that what keeps others out is the workbench's own doing.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'data'))
  chmodSync(join(folder, 'data'), 0o755)
  workbench = await serveWorkbench(folder)
})
afterAll(async () => {
  await workbench.stop()
  rmSync(folder, { recursive: true })
})

const portOf = (link: string) => Number(new URL(link).port)

function printLink(): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(root, 'src/main/serve.ts'), '--print-link'],
    { env: personEnv(folder), encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

describe('links', () => {
  it('are printed at the start and on request, and each opens one page', async () => {
    const links = [workbench.url, printLink(), printLink()]
    expect(new Set(links).size).toBe(3)
    for (const link of links) {
      const page = await openPage(portOf(link), keyOfLink(link))
      expect((await page.call('fleet/list', {})).hosts).toEqual([])
      page.socket.terminate()
      await expect(openPage(portOf(link), keyOfLink(link))).rejects.toMatchObject({ reason: 'refused' })
    }
  })

  it('says what to do where no workbench serves these data', () => {
    const { stderr, status } = spawnSync(
      process.execPath,
      [join(root, 'src/main/serve.ts'), '--print-link'],
      { env: { ...personEnv(folder), SINGLETON_DATA_DIR: join(folder, 'other') }, encoding: 'utf8' },
    )
    expect(status).toBe(1)
    expect(stderr).toContain('npm start')
  })

  it('come from no workbench whose data other users can change', () => {
    const data = join(folder, 'open')
    mkdirSync(data)
    chmodSync(data, 0o777)
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'src/main/serve.ts')], {
      env: { ...personEnv(folder), SINGLETON_DATA_DIR: data },
      encoding: 'utf8',
    })
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 })
    expect(stderr).toContain(`cannot keep the workbench's files in ${data}: other users may write to it`)
    expect(readdirSync(data)).toEqual([])
  })

  it('are in no command line, environment or readable file', async () => {
    const link = printLink()
    const secret = new URL(link).hash.replace('#link=', '')
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      for (const file of ['cmdline', 'environ']) {
        expect(readThere(`/proc/${pid}/${file}`).includes(secret), `${file} of ${pid}`).toBe(false)
      }
    }
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const full = join(folder, path)
      // What the workbench writes comes and goes meanwhile.
      if (statSync(full, { throwIfNoEntry: false })?.isFile())
        expect(readThere(full).includes(secret), path).toBe(false)
    }
  })

  it.skipIf(!isRoot)('are given to no other user', async () => {
    const program = `require('node:net').connect(${JSON.stringify(join(folder, 'data/run/links'))})
      .on('data', (bytes) => console.log(String(bytes)))
      .on('error', (error) => console.log(error.code))`
    const child = spawn(process.execPath, ['-e', program], { uid: nobody, gid: nobody, cwd: '/' })
    let said = ''
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString()
    })
    await new Promise((resolve) => child.once('close', resolve))
    expect(said.trim()).toBe('EACCES')
  })
})

/** Processes end and files go while we look, and some may not be looked at. */
function readThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}
