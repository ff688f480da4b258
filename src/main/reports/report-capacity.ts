// The page of a report on capacity: how many more guests each host carries, with the bad day beside it.
import type { Capacity, CapacityScenario, ReportedHost } from '../../shared/contract/index.ts'
import {
  badDayFigures,
  describeAnswer,
  describeWorst,
  headlineOf,
  resourceNames,
  roomFigures,
  wholeGuests,
} from '../../shared/text/capacity-text.ts'
import { escapeHtml, tableOf, timeText } from './html-parts.ts'

/** Nothing where no host of the report was estimated. */
export function renderCapacity(hosts: readonly ReportedHost[]): string {
  const estimated = hosts.flatMap(({ name, capacity }) => (capacity ? [{ name, capacity }] : []))
  if (estimated.length === 0) return ''
  return `<section class="next"><h2>More guests on the same hosts</h2>
<p class="dim">As the workbench estimated last. What is not known says why; nothing of it is counted as 0.</p>
${estimated.map(({ name, capacity }) => renderOne(name, capacity)).join('\n')}
</section>`
}

function renderOne(name: string, capacity: Capacity): string {
  const { scenarios, at, assessedAt, stale, notes } = capacity
  const about = `Estimated ${timeText(at)}, contents compared ${timeText(assessedAt)}.`
  const more = [...(stale === undefined ? [] : [stale]), ...notes]
  return `<h3>${escapeHtml(name)}</h3>
<p class="dim">${escapeHtml([about, ...more].join(' '))}</p>
${scenarios.map((scenario) => renderScenario(capacity, scenario)).join('\n')}`
}

function renderScenario(capacity: Capacity, scenario: CapacityScenario): string {
  const { title, resources, badDay } = scenario
  const rows: [string, string][] = [
    ...resources.map(({ resource, guests, why }): [string, string] => [
      `More guests by ${resourceNames[resource]}`,
      `${describeAnswer(guests, wholeGuests)}: ${why}`,
    ]),
    ...[...roomFigures(scenario), ...badDayFigures(badDay)].map(
      ({ name, answer, format }): [string, string] => [name, describeAnswer(answer, format)],
    ),
    [
      'Guests that would hurt most',
      badDay.hurt
        .slice(0, 5)
        .map(({ name }) => name)
        .join(', ') || 'none runs',
    ],
  ]
  const cells = rows.map(([label, value]) => [
    `<th scope="row">${escapeHtml(label)}</th>`,
    `<td>${escapeHtml(value)}</td>`,
  ])
  return `<p><b>${escapeHtml(title)}: ${escapeHtml(headlineOf(capacity, scenario))}.</b> Bad day: ${escapeHtml(describeWorst(badDay))}.</p>
${tableOf(['Quantity', 'Figure'], cells)}`
}
