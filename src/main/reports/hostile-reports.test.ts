// Names, reasons and notes of a hostile guest or host in every place of what is exported: HTML, the page that is printed, CSV.
import { expect, it } from 'vitest'
import type { z } from 'zod'
import { documentOf } from '../../../test/fuzz/hostile-document.ts'
import { shownExperiment } from '../../shared/contract/experiments.ts'
import { type Report, report, type Series, type ShownExperiment } from '../../shared/contract/index.ts'
import { renderExperimentCsv } from './experiment-csv.ts'
import { renderExperimentHtml } from './experiment-html.ts'
import { historyCsv } from './history-export.ts'
import { renderCsv } from './report-csv.ts'
import { renderHtml } from './report-html.ts'

const turns = 14
const markup = `EVIL"'><img src=x onerror=alert(1)></style><script>alert(1)</script>&#60;\u202e\u0000\n\u001b[2J`
const formulas = [
  '=',
  '+',
  '-',
  '@',
  '\uff1d',
  '\u200b=',
  '\t=',
  ' =',
  '\n=',
  '\r@',
  'a;=',
  'a\t=',
  'a|+',
  'a\n=',
  'a";"=',
]

const made = <T>(schema: z.ZodType<T>, text: string, count = turns) =>
  Array.from({ length: count }, (_, turn) => documentOf(schema, text, turn) as T)

it.each([
  ['a report', (): string[] => made<Report>(report, markup).map(renderHtml)],
  [
    'an experiment',
    (): string[] =>
      made<ShownExperiment>(shownExperiment, markup).map((one) => renderExperimentHtml(one, '1')),
  ],
])('nothing in the page of %s is markup, runs, or turns text', (_, render) => {
  for (const html of render()) {
    expect(html).toContain('EVIL&quot;&#39;&gt;&lt;img')
    expect(html).not.toMatch(/<img|<script|<\/style>&|EVIL["'>]|&#60;/)
    expect(html).not.toMatch(/[^\P{Cc}\n\t]|\p{Cf}/u)
    // Pages of ours have one sheet of style, and end it once.
    expect(html.match(/<\/style>/g)).toHaveLength(1)
  }
})

/** Fields as a spreadsheet may see them, whichever separator it splits lines at. */
function cellsOf(csv: string): string[] {
  const separators = [',', ';', '\t', '|']
  return separators.flatMap((separator) =>
    csv.split(/\r\n|\n/).flatMap((line) => line.split(separator).map((cell) => cell.replace(/^["\s]+/, ''))),
  )
}

const series = (guest: string): Series => ({
  at: [0],
  metrics: { freeBytes: [1] },
  guestHitRatio: { [guest]: [0.5] },
  guestReadsPerSecond: {},
  guestReadLatencySeconds: {},
  guestIoPressureRatio: {},
  guestCpuRatio: {},
})

it.each([
  ['a report', (text: string): string[] => made<Report>(report, text, 4).map(renderCsv)],
  [
    'an experiment',
    (text: string): string[] => made<ShownExperiment>(shownExperiment, text, 4).map(renderExperimentCsv),
  ],
  ['history', (text: string): string[] => [historyCsv(series(text))]],
])('no cell of the CSV of %s runs as a formula', (_, render) => {
  for (const beginning of formulas)
    for (const csv of render(`${beginning}cmd|' /C calc'!A0`)) {
      expect(csv).toContain('calc')
      for (const cell of cellsOf(csv)) expect(cell).not.toMatch(/^[=+\-@\uff1d\u200b](?!\d)/)
    }
})
