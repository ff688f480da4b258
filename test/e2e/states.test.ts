// Every page while it is read, with nothing to show, when its answers fail, and with figures that are old; over replayed hosts,
// whose workbench keeps its answers back.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { entryOf, type PageId, pageIds } from '../../src/renderer/model/page-table.ts'
import { linkTo } from '../../src/renderer/model/route.ts'
import { refusal } from '../replay/hosts/answer-gate.ts'
import { writeReplayedExperiments } from '../replay/hosts/replayed-experiments.ts'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { writeReplayedHistory } from '../replay/hosts/replayed-history.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { goTo, hostId, savePolicy } from './dialogs.ts'
import { type PageStates, pageStates } from './page-states.ts'
import { fleetRow } from './stage.ts'

const reason =
  noChromium ??
  (process.env.SINGLETON_TEST_STATES ? undefined : 'it takes five minutes: SINGLETON_TEST_STATES=1')
if (reason) console.warn(`skipped: ${reason}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 30_000
const minute = 60_000
const guests = 4
/** Saved, and never reached. */
const neverReached = 'kvm003'
const listed = ['fleet/list', 'choices/set']
const loading = /^(Loading|Reading|Asking|Estimating)/
const cases = pageIds.map((id) => ({ id, title: entryOf(id).title, ...pageStates[id] }))
const asking = cases.filter(({ asks }) => asks !== 'nothing')
const waiting = cases.filter(({ neverLoads }) => neverLoads === undefined)

describe.skipIf(reason !== undefined)('pages', () => {
  let folder: string
  let full: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page
  const status = () => page().getByRole('status', { name: loading }).first()
  const refused = () => page().getByText(refusal).first()
  /** A page that knows nothing yet. */
  const openAnew = async (fleet: ReplayedFleet, address: string) => {
    await page().goto('about:blank')
    await page().goto(await fleet.newLink())
    // The link is taken out of the address first.
    await page().locator('main').waitFor()
    await goTo(page(), address)
  }

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-states-'))
    const data = join(folder, 'full')
    writeReplayedHosts(data, { hosts: 3, guests, down: 1 })
    writeReplayedHistory(data, [{ index: 0, guests }], [{ fromAgo: 15 * minute, toAgo: 0, stepMs: 2000 }])
    writeReplayedExperiments(data, { index: 0, guests })
    full = await serveReplayedFleet(data, guests)
    browsing = await openChromium(folder)
    page().setDefaultTimeout(withinMs)
    await page().addInitScript(noteSockets)
    await page().goto(full.url)
    for (const id of [hostId, 'kvm002'])
      await fleetRow(page(), id).getByText('Connected', { exact: true }).waitFor()
    await savePolicy(page(), 'nights')
  })
  afterEach(() => full.setGate({}))
  afterAll(async () => {
    await browsing?.close()
    await full?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(waiting)('$title says that it is being read', async (one) => {
    await full.setGate({ hold: ['*'] })
    await openAnew(full, addressOf(one))
    await status().waitFor()
    expect(await page().getByText(one.empty).count()).toBe(0)
    if (one.asks !== 'itself' || one.isShownAtOnce) return
    await full.setGate({ hold: ['*'], answer: listed })
    await openAnew(full, addressOf(one))
    await page().locator('main').waitFor()
    await status().waitFor()
    expect(await page().getByText(one.empty).count()).toBe(0)
  })

  it.each(cases)('$title says that the hosts cannot be listed, and lists them again', async (one) => {
    await full.setGate({ fail: ['fleet/list'] })
    await openAnew(full, addressOf(one))
    const notice = page().getByTestId('not-listed')
    await notice.getByText(refusal).waitFor()
    expect(await status().count()).toBe(0)
    await full.setGate({})
    await notice.getByRole('button', { name: 'Try again' }).click()
    await notice.waitFor({ state: 'detached' })
    await showContent(page(), one)
  })

  it.each(asking)('$title says why it cannot be read', async (one) => {
    await full.setGate({ fail: ['*'], answer: listed })
    await openAnew(full, addressOf(one))
    if (typeof one.asks === 'function') await one.asks(page())
    await refused().waitFor()
    await expect.poll(() => status().count()).toBe(0)
  })

  it.each(cases)(
    '$title keeps what it shows, and says how old it is, while the workbench is gone',
    async (one) => {
      await openAnew(full, addressOf(one))
      await showContent(page(), one)
      await full.setGate({ hold: ['fleet/list'] })
      await page().evaluate(endSockets)
      const banner = page().getByTestId('link-banner')
      await banner.getByText(/have not been updated for/).waitFor()
      expect(await one.content(page()).isVisible()).toBe(true)
      // It is there again, and cannot answer what the page asks anew.
      await full.setGate({ fail: ['*'], answer: listed })
      await page().evaluate(endSockets)
      await banner.waitFor({ state: 'detached' })
      if (one.asks === 'itself') await refused().waitFor()
      expect(await one.content(page()).isVisible()).toBe(true)
    },
  )

  it('of a host say of when its figures are, once it is lost', async () => {
    await openAnew(full, linkTo('hostOverview', { hostId }))
    await page().getByTestId('fact-available').getByText('GiB').first().waitFor()
    await full.breakHost(0)
    for (const one of cases.filter(({ id }) => entryOf(id).path.includes(':hostId'))) {
      await goTo(page(), addressOf(one))
      await page().getByTestId('old-figures').waitFor()
    }
  })

  it.each(cases.filter(({ id }) => entryOf(id).path.includes(':hostId')))(
    '$title says that a host was never measured',
    async (one) => {
      await openAnew(full, linkTo(one.id, { hostId: neverReached, item: one.item ?? '' }))
      await page().getByText(one.empty).first().waitFor()
      expect(await status().count()).toBe(0)
    },
  )

  describe('of a new workbench', () => {
    let bare: ReplayedFleet

    beforeAll(async () => {
      const data = join(folder, 'bare')
      mkdirSync(data)
      bare = await serveReplayedFleet(data, guests)
    })
    afterAll(() => bare?.stop())

    it.each(cases.filter(({ id }) => !entryOf(id).path.includes(':hostId')))(
      '$title says that there is nothing yet',
      async (one) => {
        await openAnew(bare, linkTo(one.id, { item: 'none' }))
        await one.toEmpty?.(page())
        await page().getByText(one.empty).first().waitFor()
        expect(await status().count()).toBe(0)
      },
    )
  })
})

function addressOf({ id, item, query }: PageStates & { readonly id: PageId }): string {
  return linkTo(id, { hostId, item: item ?? '', query: query ?? {} })
}

async function showContent(page: Page, { toContent, content }: PageStates): Promise<void> {
  await toContent?.(page)
  await content(page).waitFor()
}

type SocketHolder = typeof globalThis & { opened?: WebSocket[] }

/** Runs in the page, before its own scripts. */
function noteSockets(): void {
  const opened: WebSocket[] = []
  ;(globalThis as SocketHolder).opened = opened
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      opened.push(this)
    }
  }
}

/** Runs in the page: it loses the workbench, and looks for it again. */
function endSockets(): void {
  for (const socket of (globalThis as SocketHolder).opened?.splice(0) ?? []) socket.close()
}
