import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keyOfLink, openPage } from '../../../test/fakes/page.ts'
import type { ServedDesktop } from '../desktop/desktop-server.ts'
import { openBrowserShell } from './browser-shell.ts'

/** Long enough that the shell hears of a closed connection; where it does not, the test finds less and no more. */
const heardMs = 100

it('serves a tab that came before the services, and nothing for one that has closed by then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-early-'))
  const services = Promise.withResolvers<ServedDesktop>()
  const shell = await openBrowserShell({ workbench: services.promise, rendererDirectory: folder, port: 0 })
  const open = async () => openPage(shell.port, keyOfLink(await shell.newLink()))
  let listeners = 0
  try {
    const [stays, leaves] = [await open(), await open()]
    const listed = stays.call('fleet/list', {})
    leaves.socket.terminate()
    await new Promise((resolve) => setTimeout(resolve, heardMs))
    services.resolve({
      handlers: { 'fleet/list': async () => ({ at: 1, hosts: [], prompts: [], problems: [], choices: {} }) },
      subscribe: () => {
        listeners += 1
        return () => {
          listeners -= 1
        }
      },
    } as unknown as ServedDesktop)
    expect(await listed).toMatchObject({ hosts: [] })
    stays.socket.terminate()
    await expect.poll(() => listeners).toBe(0)
  } finally {
    await shell.close()
    rmSync(folder, { recursive: true })
  }
})
