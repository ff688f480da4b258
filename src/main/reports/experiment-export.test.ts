import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { experimentSchemaText } from '../../../scripts/house/report-schema.ts'
import { fakeExperiment, fakeHost, fakePlan } from '../../../test/fakes/fake-experiment.ts'
import { experimentDocument } from '../../shared/contract/index.ts'
import { analyzeExperiment } from '../experiments/analyze.ts'
import { exportExperiment } from './experiment-export.ts'
import { renderExperimentHtml } from './experiment-html.ts'
import { collectExperiments, renderExperiments } from './report-experiments.ts'

const pairs = Array.from({ length: 8 }, (_, pair) => [100, 150 + pair] as const)
const host = { ...fakeHost({ 'web <b>': pairs, '=db': pairs }), name: '<script>h1' }
const experiment = fakeExperiment(fakePlan({ pairs: 8 }), [
  {
    ...host,
    phases: [
      {
        ...{ pair: 0, attempt: 0, arm: 1, state: 'invalid', startedAt: 5 },
        fault: { code: 'guest-came', text: 'evil</td> booted' },
      },
      ...host.phases.map((phase) => ({ ...phase, attempt: 1 })),
    ],
  },
])
const shown = { ...experiment, result: analyzeExperiment(experiment) }
const { signal } = new AbortController()
const parts = { version: '1', printPdf: async (html: string) => Buffer.from(html) }

describe('an exported experiment', () => {
  it('is HTML with the verdict first, every pair as a dot, and nothing of a host as markup', async () => {
    const { content, fileName } = await exportExperiment(shown, 'html', parts, signal)
    expect(fileName).toBe('singleton-experiment-e1.html')
    expect(content).toContain('<h1>adaptive is better than off: reads/s')
    expect(content.match(/<circle /g)).toHaveLength(8)
    expect(content).toContain('not valid, a guest booted or arrived: evil&lt;/td&gt; booted')
    expect(content).not.toMatch(/<script>|web <b>/)
    expect(content).toContain('ABBA')
  })

  it('is HTML in which no p is 0', () => {
    const many = Array.from({ length: 20 }, (_, pair) => [100, 150 + pair] as const)
    const sure = fakeExperiment(fakePlan({ pairs: 20 }), [fakeHost({ web: many })])
    const html = renderExperimentHtml({ ...sure, result: analyzeExperiment(sure) }, '1')
    expect(html).toContain('<td class="figure">&lt; 0.0001</td>')
    expect(html).not.toContain('0.0000<')
  })

  it('is CSV with a line for each guest of each phase, no text of which is a formula', async () => {
    const { content } = await exportExperiment(shown, 'csv', parts, signal)
    const lines = content.trim().split('\r\n')
    expect(lines).toHaveLength(1 + 1 + 2 * 16)
    expect(lines[1]).toContain('invalid,guest-came')
    expect(content).toContain("'=db")
  })

  it('is JSON by a published schema that is not stale', async () => {
    const { content } = await exportExperiment(shown, 'json', parts, signal)
    expect(experimentDocument.parse(JSON.parse(content))).toMatchObject({ id: 'e1', exportedBy: '1' })
    const published = readFileSync(
      join(import.meta.dirname, '../../../resources/experiment.schema.json'),
      'utf8',
    )
    expect(published).toBe(experimentSchemaText())
  })

  it('is printed from the same page', async () => {
    const { content, encoding } = await exportExperiment(shown, 'pdf', parts, signal)
    expect(encoding).toBe('base64')
    expect(Buffer.from(content, 'base64').toString()).toContain('adaptive is better than off')
  })

  it('stands in the report of its hosts, with its verdict and interval', async () => {
    const source = { list: async () => [shown], show: async () => shown }
    const range = { from: shown.startedAt - 1, to: shown.startedAt + 1 }
    const ids = shown.hosts.map(({ hostId }) => hostId)
    const found = await collectExperiments(source, ids, range)
    const html = renderExperiments(found ?? [])
    expect(html).toContain('adaptive is better than off')
    expect(html.match(/<circle /g)).toHaveLength(8)
    expect(html).not.toContain('<script')
    expect(await collectExperiments(source, ['another host'], range)).toBeUndefined()
    expect(await collectExperiments(source, ids, { from: 0, to: shown.startedAt - 1 })).toBeUndefined()
  })
})
