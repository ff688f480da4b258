// What each page shows when there is nothing, while it reads, when what it shows is old, and when it cannot read. The compiler
// asks for every page.
import type { Locator, Page } from 'playwright-core'
import type { PageId } from '../../src/renderer/model/page-table.ts'
import { replayedExperiments } from '../replay/hosts/replayed-experiments.ts'

export interface PageStates {
  readonly item?: string
  readonly query?: Readonly<Record<string, string>>
  /** In a workbench without a host, or of a host that was never reached: words that say that there is nothing, and why. */
  readonly empty: string | RegExp
  /** A step before those words are there. */
  readonly toEmpty?: (page: Page) => Promise<void>
  /** Something that is shown once all is read. */
  readonly content: (page: Page) => Locator
  /** A step before it is there. */
  readonly toContent?: (page: Page) => Promise<void>
  /** What it asks of main beside the list of hosts: by itself, by a step of a person, or nothing. */
  readonly asks: 'itself' | 'nothing' | ((page: Page) => Promise<void>)
  /** With the list of hosts all but a choice in a form is there. */
  readonly isShownAtOnce?: true
  /** Why it never has to be waited for. */
  readonly neverLoads?: string
}

const testId = (id: string) => (page: Page) => page.getByTestId(id).first()
const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first()
/** A line of equal values has no height, and counts as hidden by itself. */
const drawn = (chart: string) => (page: Page) =>
  page.getByTestId(`chart-${chart}`).locator('.recharts-surface:has([data-line])')
const noSamples = 'No samples in this range.'
const nothingMeasured = 'Nothing was measured on this host yet'

export const pageStates: Readonly<Record<PageId, PageStates>> = {
  fleet: {
    empty: 'Add your first host',
    content: (page) => page.getByTestId('fleet-table').getByText('kvm001', { exact: true }),
    asks: 'nothing',
  },
  hostOverview: { empty: noSamples, content: drawn('memory'), asks: 'itself' },
  hostMemory: { empty: noSamples, content: drawn('pressure'), asks: 'itself' },
  hostCache: { empty: noSamples, content: drawn('cache'), asks: 'itself' },
  hostKsm: { empty: noSamples, content: drawn('ksm'), asks: 'itself' },
  hostPolicy: { empty: noSamples, content: drawn('merging'), asks: 'itself' },
  hostLog: {
    empty: 'This workbench has changed nothing on this host yet.',
    content: (page) => page.getByRole('log').getByText('connecting'),
    asks: 'itself',
  },
  hostMap: {
    empty: 'connect the host to take one',
    content: testId('map-legend'),
    toContent: takeMap,
    asks: takeMap,
  },
  hostCapacity: {
    empty: 'How many more guests like one of these fit here',
    content: testId('capacity-now-guests'),
    asks: 'itself',
  },
  guest: { item: 'web-001-1', empty: nothingMeasured, content: drawn('guestCpu'), asks: 'itself' },
  image: {
    item: '253:0:100@1764450000',
    empty: nothingMeasured,
    content: testId('image-resident'),
    asks: 'nothing',
  },
  policies: { empty: 'No policy yet.', content: testId('named-policy'), asks: 'itself' },
  experiments: {
    empty: 'No experiment yet.',
    content: text('The kernel against itself'),
    asks: 'itself',
  },
  experimentCompare: {
    query: { a: replayedExperiments.gain, b: replayedExperiments.check },
    empty: 'No experiment is chosen here',
    content: testId('compared-experiment'),
    asks: 'itself',
  },
  experiment: {
    item: replayedExperiments.gain,
    empty: /cannot find the experiment/i,
    content: testId('verdict'),
    asks: 'itself',
  },
  compare: {
    query: { hosts: 'kvm001', metric: 'hitRatio', range: '15m' },
    empty: 'Add a host first: there is nothing to compare.',
    content: (page) => page.getByTestId('compare-table').getByRole('link', { name: 'kvm001' }),
    asks: 'itself',
  },
  forecast: {
    query: { hosts: 'kvm001,kvm002' },
    empty: 'It takes two hosts',
    content: (page) => page.getByTestId('forecast-make'),
    asks: async (page) => {
      await page.getByTestId('forecast-make').click()
      await page.getByTestId('confirm-accept').click()
    },
  },
  capacity: {
    empty: 'Add a host first.',
    content: (page) => page.getByTestId('capacity-hosts').getByRole('link', { name: 'kvm001' }),
    asks: 'itself',
    isShownAtOnce: true,
  },
  reports: { empty: 'Nothing has been exported yet.', content: text('For decision makers'), asks: 'itself' },
  audit: {
    empty: 'This workbench has changed nothing yet.',
    content: text('This workbench has changed nothing yet.'),
    asks: 'itself',
  },
  glossary: {
    empty: 'No word matches.',
    toEmpty: (page) => page.getByLabel('Filter the glossary').fill('zzzz'),
    content: text('copy-on-write break'),
    asks: 'nothing',
    neverLoads: 'its words come with the code of the page',
  },
  settings: { empty: /keeps nothing/, content: testId('data-folder'), asks: 'itself' },
}

async function takeMap(page: Page): Promise<void> {
  await page.getByTestId('map-take').click()
}
