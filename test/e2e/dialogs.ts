// How each dialog and menu is opened by a person, from the overview of a replayed host.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { linkTo } from '../../src/renderer/model/route.ts'
import { replayedExperiments } from '../replay/hosts/replayed-experiments.ts'
import { fleetRow, openTab } from './stage.ts'

/** The host that `dialogs` are opened on, and one more for what takes two. */
export const hostId = 'kvm001'
const otherId = 'kvm002'

/** Goes to an address of the page. */
export async function goTo(page: Page, link: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, link)
}

/** Saves the policy of the editor under a name, from any page. */
export async function savePolicy(page: Page, name: string): Promise<void> {
  await goTo(page, linkTo('hostPolicy', { hostId }))
  await page.getByTestId('policy-save').click()
  await page.getByTestId('policy-save-name').fill(name)
  await page.getByTestId('policy-save-accept').click()
  await page.getByTestId('policy-save-name').waitFor({ state: 'detached' })
}

const fromHelp = (name: string) => async (page: Page) => {
  await page.getByTestId('help').click()
  await page.getByRole('menuitem', { name }).click()
}

const inFleet = (open: (page: Page) => Promise<void>) => async (page: Page) => {
  await page.getByRole('link', { name: 'Fleet' }).click()
  await fleetRow(page, hostId).waitFor()
  await open(page)
}

const hostMenu = (page: Page) =>
  page
    .getByRole('button', { name: `More for ${hostId}` })
    .first()
    .click()

const addHosts = (tab: string) =>
  inFleet(async (page) => {
    await page.getByRole('button', { name: 'Add host' }).click()
    await page.getByRole('tab', { name: tab }).click()
  })

const selected = (open: (page: Page) => Promise<void>) =>
  inFleet(async (page) => {
    await page.getByRole('checkbox', { name: 'Select all hosts that are shown' }).check()
    await open(page)
  })

const inKsmMenu = (item: string) => async (page: Page) => {
  await page.getByTestId('ksm').click()
  await page.getByRole('menuitem', { name: item }).click()
}

type Open = (page: Page) => Promise<void>

const ofTheBar: Readonly<Record<string, Open>> = {
  'the list of keys': (page) => page.keyboard.press('?'),
  'the menu of help': (page) => page.getByTestId('help').click(),
  'the tour': fromHelp('Tour…'),
  'the kept passwords': async (page) => {
    await fromHelp('Kept passwords…')(page)
    await page.getByTestId('secret-place').waitFor()
  },
  'the newer versions': async (page) => {
    await fromHelp('Newer versions…')(page)
    await page.getByTestId('update-state').waitFor()
  },
  'the notifications': (page) => page.getByTestId('notifications').click(),
  'the list of hosts': (page) => page.getByRole('button', { name: /switch to another/ }).click(),
}

const ofAHost: Readonly<Record<string, Open>> = {
  'the choice of a range': (page) => page.getByRole('button', { name: 'From … to' }).click(),
  'the edit of a host': (page) => page.getByTestId('edit').click(),
  'the question before changes': (page) => page.getByTestId('mode-switch').getByText('Allow changes').click(),
  'the question before uninstalling': (page) => page.getByTestId('uninstall').click(),
  'the menu of reports': (page) => page.getByRole('button', { name: 'Export report' }).click(),
  'the connection test': (page) => page.getByTestId('test-connection').click(),
  'a chart as a table': (page) => page.getByRole('button', { name: 'Image cache as a table' }).click(),
}

/** In this order: the first allows changes, the last takes that back. */
const whereChangesAreAllowed: Readonly<Record<string, Open>> = {
  'a host where changes are allowed': async (page) => {
    await page.getByTestId('mode-switch').getByText('Allow changes').click()
    await page.getByTestId('confirm-accept').click()
    await page.locator('[data-testid=scrub]:not([aria-disabled])').waitFor()
  },
  'the question before a scrub': (page) => page.getByTestId('scrub').click(),
  'the menu of KSM': (page) => page.getByTestId('ksm').click(),
  'the start of KSM': inKsmMenu('Start…'),
  'the unmerging of all pages': inKsmMenu('Unmerge all…'),
  'the restoring of settings where none are saved': async (page) => {
    await inKsmMenu('Restore settings…')(page)
    await page.getByRole('dialog').getByText('No original settings are saved').waitFor()
    expect(await page.getByTestId('confirm-accept').isDisabled()).toBe(true)
  },
  'the switch of a guest’s merging': async (page) => {
    await openTab(page, 'KSM')
    await page
      .getByRole('button', { name: /^Switch off merging of/ })
      .first()
      .click()
  },
  'the question before a policy': async (page) => {
    await openTab(page, 'Policy')
    await page.getByTestId('policy-start').click()
  },
  'the installation of the service': async (page) => {
    await openTab(page, 'Policy')
    await page.getByTestId('service-install').click()
  },
  'the plan of an experiment': async (page) => {
    await goTo(page, linkTo('experiments'))
    await page.getByRole('combobox', { name: 'Hosts' }).click()
    await page.getByRole('option', { name: hostId, exact: true }).click()
    await page.keyboard.press('Escape')
    await page.getByTestId('experiment-plan').click()
    await page.getByTestId('experiment-preview').waitFor()
  },
  'a host that is only observed again': async (page) => {
    await page.getByTestId('mode-switch').getByText('Observe').click()
    await page.locator('[data-testid=scrub][aria-disabled]').waitFor()
  },
}

const ofTheFleet: Readonly<Record<string, Open>> = {
  'the dialog to add hosts': inFleet((page) => page.getByRole('button', { name: 'Add host' }).click()),
  'the import of hosts': async (page) => {
    await addHosts('Paste or import')(page)
    await page.getByRole('dialog').getByRole('textbox').first().fill('root@one.example one berlin\nno host\n')
    await page.getByTestId('import-summary').waitFor()
  },
  'the hosts of the SSH configuration': addHosts('From ~/.ssh/config'),
  'the columns of the fleet': inFleet((page) => page.getByRole('button', { name: 'Columns' }).click()),
  'the views of the fleet': inFleet((page) => page.getByRole('button', { name: 'Views' }).click()),
  'the menu of a host': inFleet(hostMenu),
  'the removal of a host': inFleet(async (page) => {
    await hostMenu(page)
    await page.getByRole('menuitem', { name: 'Remove…' }).click()
  }),
  'the hosts that are selected': selected(async () => undefined),
  'the question before changes on many hosts': selected((page) =>
    page.getByTestId('bulk-bar').getByRole('button', { name: 'Allow changes…' }).click(),
  ),
  'the policies to run on many hosts': selected((page) =>
    page.getByTestId('bulk-bar').getByRole('button', { name: 'Run a policy' }).click(),
  ),
}

const ofPolicies: Readonly<Record<string, Open>> = {
  'the saving of a policy': async (page) => {
    await openTab(page, 'Policy')
    await page.getByTestId('policy-save').click()
    await page.getByTestId('policy-save-name').waitFor()
  },
  'the versions of a policy': async (page) => {
    await openTab(page, 'Policy')
    await page.getByTestId('policy-name').click()
    await page.getByRole('option').first().click()
    await page.getByTestId('policy-versions-open').click()
    await page.getByRole('dialog').waitFor()
  },
  'the assignment of a policy': async (page) => {
    await goTo(page, linkTo('policies'))
    await page.getByRole('button', { name: 'Assign…' }).first().click()
  },
  'the removal of a policy': async (page) => {
    await goTo(page, linkTo('policies'))
    await page.getByTestId('named-policy').first().getByRole('button', { name: 'Remove…' }).click()
  },
}

const ofExperimentsAndForecasts: Readonly<Record<string, Open>> = {
  'the formats of an experiment': async (page) => {
    await goTo(page, linkTo('experiment', { item: replayedExperiments.gain }))
    await page.getByTestId('experiment-export').click()
  },
  'the removal of an experiment': async (page) => {
    await goTo(page, linkTo('experiment', { item: replayedExperiments.gain }))
    await page.getByTestId('experiment-remove').click()
  },
  'the question before a forecast': async (page) => {
    await goTo(page, linkTo('forecast', { query: { hosts: `${hostId},${otherId}` } }))
    await page.getByTestId('forecast-make').click()
  },
}

/** By name, in an order that has to be kept. A policy is saved, and experiments are kept, before. */
export const dialogs: Readonly<Record<string, Open>> = {
  ...ofTheBar,
  ...ofAHost,
  ...whereChangesAreAllowed,
  ...ofTheFleet,
  ...ofPolicies,
  ...ofExperimentsAndForecasts,
}
