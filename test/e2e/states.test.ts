// Every page while it is read, with nothing to show, when its answers fail, and with figures that are old; over replayed hosts,
// whose workbench keeps its answers back. A tab walks through the pages of each state: loading them anew takes minutes.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ensureRenderer } from '../../scripts/built-parts.mjs'
import { entryOf, type PageId, pageIds } from '../../src/renderer/model/page-table.ts'
import { linkTo, parseRoute } from '../../src/renderer/model/route.ts'
import { refusal } from '../replay/hosts/answer-gate.ts'
import { writeReplayedExperiments } from '../replay/hosts/replayed-experiments.ts'
import { type ReplayedFleet, serveReplayedFleet, writeReplayedHosts } from '../replay/hosts/replayed-fleet.ts'
import { writeReplayedHistory } from '../replay/hosts/replayed-history.ts'
import { type Browsing, noChromium, openChromium } from './chromium.ts'
import { goTo, hostId, savePolicy } from './dialogs.ts'
import { type PageStates, pageStates } from './page-states.ts'
import { dismissReports, fleetRow } from './stage.ts'

if (noChromium) console.warn(`skipped: ${noChromium}`)

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
const ofHosts = cases.filter(({ id }) => entryOf(id).path.includes(':hostId'))

describe.skipIf(noChromium !== undefined)('pages', () => {
  let folder: string
  let full: ReplayedFleet
  /** A new workbench, without a host. */
  let bare: ReplayedFleet
  let browsing: Browsing
  const page = (): Page => browsing.page
  const status = () => page().getByRole('status', { name: loading }).first()
  const refused = () => page().locator('main').getByText(refusal).first()
  /** A tab that knows nothing yet. */
  const openTab = async (fleet: ReplayedFleet) => {
    await page().goto('about:blank')
    await page().goto(await fleet.newLink())
    // The link is taken out of the address first.
    await page().locator('main').waitFor()
  }
  /** Returns once it is drawn, so that nothing of the page before it is taken for its own. */
  const walkTo = async (address: string) => {
    await goTo(page(), address)
    await page().waitForFunction((start) => document.title.startsWith(start), titleAt(address))
  }
  /** The same tab, which has forgotten all that it knew. */
  const reloadAt = async (address: string) => {
    await page().evaluate((hash) => history.replaceState(null, '', hash), address)
    await page().reload({ waitUntil: 'commit' })
  }

  beforeAll(async () => {
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-states-'))
    const [fullData, bareData] = [join(folder, 'full'), join(folder, 'bare')]
    writeReplayedHosts(fullData, { hosts: 3, guests, down: 1 })
    writeReplayedHistory(fullData, [{ index: 0, guests }], [{ fromAgo: 15 * minute, toAgo: 0, stepMs: 2000 }])
    writeReplayedExperiments(fullData, { index: 0, guests })
    mkdirSync(bareData)
    full = await serveReplayedFleet(fullData, guests)
    bare = await serveReplayedFleet(bareData, guests)
    browsing = await openChromium(folder)
    page().setDefaultTimeout(withinMs)
    await page().addInitScript(noteSockets)
    await page().goto(full.url)
    for (const id of [hostId, 'kvm002'])
      await fleetRow(page(), id).getByText('Connected', { exact: true }).waitFor()
    await savePolicy(page(), 'nights')
  })
  afterAll(async () => {
    await browsing?.close()
    await bare?.stop()
    await full?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  describe('before the hosts are listed', () => {
    beforeAll(async () => {
      await full.setGate({ hold: ['*'] })
      await openTab(full)
    })
    afterAll(() => full.setGate({}))

    it.each(waiting)('$title says that it is being read', async (one) => {
      await walkTo(addressOf(one))
      await status().waitFor()
      expect(await page().getByText(one.empty).count()).toBe(0)
    })
  })

  describe('whose answers take long', () => {
    beforeAll(async () => {
      await full.setGate({ hold: ['*'], answer: listed })
      await openTab(full)
    })
    afterAll(() => full.setGate({}))

    it.each(waiting.filter(({ asks, isShownAtOnce }) => asks === 'itself' && !isShownAtOnce))(
      '$title says that it is being read',
      async (one) => {
        await walkTo(addressOf(one))
        await status().waitFor()
        expect(await page().getByText(one.empty).count()).toBe(0)
      },
    )
  })

  describe('whose answers fail', () => {
    beforeAll(async () => {
      await full.setGate({ fail: ['*'], answer: listed })
      await openTab(full)
    })
    afterAll(() => full.setGate({}))

    it.each(asking)('$title says why it cannot be read', async (one) => {
      await walkTo(addressOf(one))
      if (typeof one.asks === 'function') {
        await dismissReports(page())
        await one.asks(page())
        await page().getByTestId('toast-problem').getByText(refusal).waitFor()
      } else await refused().waitFor()
      await expect.poll(() => status().count()).toBe(0)
    })
  })

  describe.each(cases)('of a workbench that comes and goes', (one) => {
    afterEach(() => full.setGate({}))

    it(`${one.title} says that the hosts cannot be listed, and lists them again`, async () => {
      await full.setGate({ fail: ['fleet/list'] })
      await reloadAt(addressOf(one))
      const notice = page().getByTestId('not-listed')
      await notice.getByText(refusal).waitFor()
      expect(await status().count()).toBe(0)
      await full.setGate({})
      await notice.getByRole('button', { name: 'Try again' }).press('Enter')
      await notice.waitFor({ state: 'detached' })
      await showContent(page(), one)
      // The keyboard goes on from there: the button that had the focus is gone.
      if (one.toContent === undefined) await page().locator('main:focus').waitFor()
    })

    it(`${one.title} keeps what it shows, and says how old it is, while the workbench is gone`, async () => {
      const address = addressOf(one)
      const isThere = (await page().title()).startsWith(titleAt(address))
      const isShown = isThere && (await one.content(page()).isVisible())
      if (!isShown) {
        await reloadAt(address)
        await showContent(page(), one)
      }
      await full.setGate({ hold: ['fleet/list'] })
      await page().evaluate(endSockets)
      const banner = page().getByTestId('link-banner')
      await banner.getByText(/have not been updated for/).waitFor()
      expect(await one.content(page()).isVisible()).toBe(true)
      // It is there again, and cannot answer what the page asks anew.
      await full.setGate({ fail: ['*'], answer: listed, release: true })
      await banner.waitFor({ state: 'detached' })
      if (one.asks === 'itself') await refused().waitFor()
      expect(await one.content(page()).isVisible()).toBe(true)
    })
  })

  it('says of when the hosts are, where they were listed before and cannot be listed again', async () => {
    await openTab(full)
    const [fleet] = cases
    if (fleet) await showContent(page(), fleet)
    await full.setGate({ fail: ['fleet/list'] })
    await page().evaluate(endSockets)
    await page().getByTestId('not-listed').getByText(refusal).waitFor()
    await page()
      .getByTestId('read-earlier')
      .getByText(/read at \d\d:\d\d:\d\d and may be old/)
      .waitFor()
    expect(await fleet?.content(page()).isVisible()).toBe(true)
    await full.setGate({})
    await page().getByTestId('not-listed').getByRole('button', { name: 'Try again' }).click()
    await page().getByTestId('read-earlier').waitFor({ state: 'detached' })
  })

  describe('of a host that was never measured', () => {
    beforeAll(async () => {
      await openTab(full)
      await walkTo(linkTo('hostOverview', { hostId }))
      await page().getByTestId('fact-available').getByText('GiB').first().waitFor()
      // Its figures are old ten seconds later: the next cases need none.
      await full.breakHost(0)
      await walkTo(linkTo('fleet'))
    })

    it.each(ofHosts)('$title says so', async (one) => {
      await walkTo(linkTo(one.id, { hostId: neverReached, item: one.item ?? '' }))
      await page().getByText(one.empty).first().waitFor()
      await expect.poll(() => status().count()).toBe(0)
    })
  })

  describe('of a new workbench', () => {
    beforeAll(() => openTab(bare))

    it.each(cases.filter((one) => !ofHosts.includes(one)))(
      '$title says that there is nothing yet',
      async (one) => {
        await walkTo(linkTo(one.id, { item: 'none' }))
        await one.toEmpty?.(page())
        await page().getByText(one.empty).first().waitFor()
        await expect.poll(() => status().count()).toBe(0)
      },
    )
  })

  describe('of a host that was lost', () => {
    beforeAll(() => openTab(full))

    it.each(ofHosts)('$title says of when its figures are', async (one) => {
      await walkTo(addressOf(one))
      await page().getByTestId('old-figures').waitFor()
    })
  })
})

function addressOf({ id, item, query }: PageStates & { readonly id: PageId }): string {
  return linkTo(id, { hostId, item: item ?? '', query: query ?? {} })
}

/** What the title of the browser's tab begins with at an address; the name of the host may follow. */
function titleAt(address: string): string {
  const { page, item } = parseRoute(address)
  return `${item === '' ? '' : `${item} · `}${entryOf(page).title} · `
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
