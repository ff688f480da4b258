// Experiments from the screen, over a host with a real helper behind sshd: planned, run, paused, killed with the workbench,
// gone on with, stopped, duplicated, exported, compared. Without guests; what a lab gives is looked at from a record.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureHelper, ensureRenderer } from '../../scripts/built-parts.mjs'
import type { Experiment, ExperimentPlan } from '../../src/shared/contract/index.ts'
import { createRandom } from '../../src/shared/statistics/random.ts'
import { type OwnStateHosts, startOwnStateHosts } from '../beds/sshd/own-state-hosts.ts'
import { fakeExperiment, fakeHost, fakePlan } from '../fakes/fake-experiment.ts'
import { type Browsing, openChromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { type ServedWorkbench, serveWorkbench } from './served-workbench.ts'
import { addHost, cannotRun, fleetRow, openTab, skipAfterFailure } from './stage.ts'
import { keepPictures } from './views.ts'

if (cannotRun) console.warn(`skipped: ${cannotRun}`)

const root = join(import.meta.dirname, '../..')
const withinMs = 60_000
/** Six pairs of two seconds each, with what others keep a host busy and up to three tries of a pair. */
const endsWithinMs = 240_000

describe.skipIf(cannotRun !== undefined)('experiments', () => {
  let folder: string
  let hosts: OwnStateHosts
  let workbench: ServedWorkbench
  let browsing: Browsing
  const page = (): Page => browsing.page
  const byId = (testId: string) => page().getByTestId(testId)
  const stateIs = (text: string | RegExp, timeout = withinMs) =>
    byId('experiment-state').getByText(text).waitFor({ timeout })

  beforeAll(async () => {
    await ensureHelper(root, process.execPath, process.env)
    await ensureRenderer(root, process.execPath, process.env)
    folder = mkdtempSync(join(tmpdir(), 'singleton-e2e-'))
    keepRecords(join(folder, 'data/experiments'))
    hosts = await startOwnStateHosts(['alpha'])
    workbench = await serveWorkbench(folder, 0, { HOME: hosts.home.path })
    browsing = await openChromium(folder)
    await page().goto(workbench.url)
    await addHost(page(), 'alpha', 'alpha')
    await fleetRow(page(), 'alpha').getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
  })
  skipAfterFailure()
  afterAll(async () => {
    await browsing?.close()
    await workbench?.stop()
    await hosts?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function fill(name: string, value: string): Promise<void> {
    await byId(`experiment-${name}`).fill(value)
  }

  /** Asks for memory in phases of a second: a host without guests has no reads. */
  async function planQuick(seconds: string): Promise<void> {
    await page().getByRole('link', { name: 'Experiments' }).first().click()
    await page().getByRole('combobox', { name: 'Hosts' }).click()
    await page().getByRole('option', { name: 'alpha', exact: true }).click()
    await page().keyboard.press('Escape')
    await byId('experiment-metric').click()
    await page().getByRole('option', { name: 'memory' }).click()
    await fill('phaseSeconds', seconds)
    await fill('warmUpSeconds', '0')
    await fill('pairs', '6')
    await byId('experiment-plan').click()
    await byId('experiment-preview').waitFor()
  }

  it('say what keeps a host from taking part, before anything begins', async () => {
    await planQuick('1')
    await byId('experiment-preview').getByText('alpha is in observe mode').waitFor()
    expect(await byId('experiment-start').isDisabled()).toBe(true)
    await page().keyboard.press('Escape')
  })

  it('show the plan, run, and can be paused', async () => {
    await allowChanges()
    await planQuick('2')
    const preview = byId('experiment-preview')
    await preview.getByText(/^About 1 min 12 s, 6 pairs, seed \d+\.$/).waitFor()
    await preview.getByText('Caches are not dropped.').waitFor()
    await page().keyboard.press('Escape')
    await byId('experiment-cold').check()
    await byId('experiment-plan').click()
    await preview.getByText(/leave the page cache, 12 times\.$/).waitFor()
    await page().keyboard.press('Escape')
    await byId('experiment-cold').uncheck()
    await byId('experiment-plan').click()
    await preview.getByText('Caches are not dropped.').waitFor()
    await keepPictures(page(), 'experiment-plan')
    await byId('experiment-start').click()
    await byId('experiment-live')
      .getByText(/^pair \d, [AB] /)
      .waitFor({ timeout: withinMs })
    await keepPictures(page(), 'experiment-live')
    const address = page().url()
    await page().getByRole('link', { name: 'Fleet' }).first().click()
    const line = byId('running-experiments')
    await line.getByText(/^running on alpha, about .* left$/).waitFor()
    await keepPictures(page(), 'experiment-fleet')
    await line.getByRole('link', { name: 'adaptive against off' }).click()
    await eventually(() => page().url()).toBe(address)
    await byId('experiment-pause').click()
    await stateIs(/^paused/)
  })

  it('go on after kill -9 of the workbench, where they were', async () => {
    await byId('experiment-continue').click()
    await stateIs('running')
    // Between two phases there is none that the kill could end.
    await byId('experiment-live')
      .getByText(/measuring$/)
      .waitFor({ timeout: withinMs })
    const address = page().url().split('#')[1]
    await workbench.kill()
    workbench = await serveWorkbench(folder, 0, { HOME: hosts.home.path })
    await page().goto(workbench.url)
    await fleetRow(page(), 'alpha').getByText('Connected', { exact: true }).waitFor({ timeout: withinMs })
    await page().evaluate((fragment) => {
      location.hash = fragment
    }, `#${address}`)
    await stateIs('done', endsWithinMs)
    await byId('phases').getByText('the workbench was closed').first().waitFor()
    // Both arms are the same host; how narrow the interval gets is up to the machine, as is how many pairs others leave alone.
    expect(['no-difference', 'not-enough']).toContain(await byId('verdict').getAttribute('data-verdict'))
    const pairs = readPairs(folder, address)
    const [complete, givenUp] = [pairs.filter(isComplete), pairs.filter((tries) => !isComplete(tries))]
    await eventually(() => byId('pair-dot').count()).toBe(complete.length)
    expect(givenUp.every((tries) => tries.length === 3)).toBe(true)
    const audit = readFileSync(join(hosts.sshds.get('alpha')?.home ?? '', 'state/audit.jsonl'), 'utf8')
    expect(audit.trim().split('\n').at(-1)).toContain('"policy stop"')
  }, 400_000)

  it('are duplicated, stopped on request, and put everything back', async () => {
    await byId('experiment-again').click()
    await eventually(() => byId('experiment-pairs').inputValue()).toBe('6')
    await fill('phaseSeconds', '60')
    await byId('experiment-plan').click()
    await byId('experiment-start').click()
    await byId('experiment-live')
      .getByText(/measuring$/)
      .waitFor({ timeout: withinMs })
    await byId('experiment-stop').click()
    await stateIs(/^stopped: .* stopped it$/)
    await byId('phases').getByText('the experiment was stopped').waitFor()
  })

  it('are exported', async () => {
    const saved = page().waitForEvent('download')
    await byId('experiment-export').click()
    await page().getByText('HTML, to read anywhere').click()
    const download = await saved
    expect(download.suggestedFilename()).toMatch(/^singleton-experiment-[0-9a-f]{8}\.html$/)
  })

  it('show a result of many pairs, with its guests', async () => {
    await page().getByRole('link', { name: 'Experiments' }).first().click()
    await page().getByRole('link', { name: 'Streaming beside the shop' }).click()
    expect(await byId('verdict').getAttribute('data-verdict')).toBe('better')
    await eventually(() => byId('pair-dot').count()).toBe(12)
    await byId('guest-comparisons').getByText('kvm-3: shop-db').first().waitFor()
    await byId('phases').getByText('a guest booted or arrived').waitFor()
    await keepPictures(page(), 'experiment-result')
  })

  it('say which guard tripped, and that everything is put back', async () => {
    await page().getByRole('link', { name: 'Experiments' }).first().click()
    await page().getByRole('link', { name: 'Too much came back' }).click()
    await stateIs('stopped: kvm-3: a guard tripped: regret of streams: 0.40, bound 0.10')
    await byId('phases').getByText('the experiment was stopped').first().waitFor()
    expect(await byId('verdict').getAttribute('data-verdict')).toBe('not-enough')
    await keepPictures(page(), 'experiment-guard')
  })

  it('are listed, and compared two by two', async () => {
    await page().getByRole('link', { name: 'Experiments' }).first().click()
    await keepPictures(page(), 'experiments')
    for (const id of ['record-b', 'record-aa'])
      await page()
        .getByRole('checkbox', { name: `Choose ${id}` })
        .check()
    await byId('experiment-compare').click()
    await eventually(() => byId('compared-experiment').count()).toBe(2)
    await keepPictures(page(), 'experiment-compare')
    expect(browsing.errors.filter((text) => !text.includes('WebSocket'))).toEqual([])
  })

  it('are removed', async () => {
    await byId('compared-experiment').last().getByRole('link').first().click()
    await byId('experiment-remove').click()
    await byId('confirm-accept').click()
    await byId('experiments').waitFor()
    await eventually(() => existsSync(join(folder, 'data/experiments/record-aa.json'))).toBe(false)
  })

  async function allowChanges(): Promise<void> {
    await page().getByRole('link', { name: 'Fleet' }).first().click()
    await fleetRow(page(), 'alpha').click()
    await openTab(page(), 'Policy')
    await byId('mode-switch').getByText('Allow changes').click()
    await page().getByRole('dialog').getByTestId('confirm-accept').click()
    await page().locator('[data-testid=policy-start]:not([aria-disabled])').waitFor({ timeout: withinMs })
  }
})

/** Two experiments as a workbench keeps them, on a host that is in the list no more. */
function keepRecords(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const random = createRandom(11)
  const noisy = (value: number) => value * Math.exp(0.3 * (random.next() + random.next() - 1))
  const pairs = (gain: number) => Array.from({ length: 12 }, () => [noisy(420), noisy(420 * gain)] as const)
  const startedAt = Date.now() - 86_400_000
  const plan = fakePlan({ pairs: 12, title: 'Streaming beside the shop' })
  for (const [id, gain, title] of [
    ['record-b', 1.8, plan.title],
    ['record-aa', 1, 'The kernel against itself'],
  ] as const) {
    const host = fakeHost({ 'shop-db': pairs(gain), 'shop-web': pairs((gain + 1) / 2) }, 'kvm-3')
    const phases = host.phases.map((phase, index) => {
      const from = startedAt + index * 45_000
      return { ...phase, attempt: 1, startedAt: from, measuredFrom: from + 10_000, endedAt: from + 40_000 }
    })
    const came = { code: 'guest-came' as const, text: 'batch-7 booted or arrived from another host' }
    const first = {
      ...{ pair: 0, attempt: 0, arm: 0 as const },
      state: 'invalid' as const,
      startedAt,
      fault: came,
    }
    const experiment = {
      ...fakeExperiment({ ...plan, title }, [{ ...host, name: 'kvm-3', phases: [first, ...phases] }]),
      ...{ id, startedAt, endedAt: startedAt + 24 * 45_000 },
    }
    writeFileSync(join(directory, `${id}.json`), JSON.stringify({ experiment }))
  }
  const tripped = trippedExperiment({ ...plan, title: 'Too much came back' }, startedAt - 600_000)
  writeFileSync(join(directory, `${tripped.id}.json`), JSON.stringify({ experiment: tripped }))
}

/** The states of both phases of each try, by pair, as the experiment of this page has them in its file. */
function readPairs(folder: string, address = ''): string[][] {
  const path = join(folder, 'data/experiments', `${address.split('/').at(-1)}.json`)
  const { experiment } = JSON.parse(readFileSync(path, 'utf8')) as { experiment: Experiment }
  const [host] = experiment.hosts
  const statesOf = (pair: number, attempt: number) =>
    host?.phases.filter((phase) => phase.pair === pair && phase.attempt === attempt).map(({ state }) => state)
  return Array.from({ length: experiment.plan.pairs }, (_, pair) =>
    [0, 1, 2].flatMap((attempt) => statesOf(pair, attempt)?.join(' ') || []),
  )
}

const isComplete = (tries: readonly string[]) => tries.includes('valid valid')

/** One pair, then a phase that a guard of the policy ended. */
function trippedExperiment(plan: ExperimentPlan, startedAt: number): Experiment {
  const host = fakeHost({ 'shop-db': [[410, 95]] }, 'kvm-3')
  const why = 'kvm-3: a guard tripped: regret of streams: 0.40, bound 0.10'
  const ended = { code: 'stopped' as const, text: why }
  const last = { pair: 1, attempt: 0, arm: 1 as const, state: 'invalid' as const, fault: ended }
  const phases = [...host.phases, last].map((phase, index) => {
    const from = startedAt + index * 45_000
    return { ...phase, startedAt: from, measuredFrom: from + 10_000, endedAt: from + 40_000 }
  })
  const order = Array.from({ length: plan.pairs }, (_, pair) => (pair % 2 === 0 ? 0 : 1) as 0 | 1)
  return {
    ...fakeExperiment(plan, [{ ...host, name: 'kvm-3', state: 'restored', order, phases }]),
    ...{ id: 'record-trip', state: 'stopped', why, startedAt, endedAt: startedAt + 3 * 45_000 },
  }
}
