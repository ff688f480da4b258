// One scenario: how many more guests, what limits them, and the bad day beside the saving.
import type { Capacity, CapacityScenario } from '../../shared/contract/index.ts'
import {
  describeWorst,
  headlineOf,
  resourceNames,
  roomFigures,
  wholeGuests,
} from '../../shared/text/capacity-text.ts'
import { Panel } from '../ui/Panel.tsx'
import { Answer } from './Answer.tsx'
import { BadDayTable } from './BadDayTable.tsx'
import classes from './capacity.module.css'
import { FigureTable } from './FigureTable.tsx'

interface ScenarioPanelProps {
  readonly capacity: Capacity
  readonly scenario: CapacityScenario
}

export function ScenarioPanel({ capacity, scenario }: ScenarioPanelProps) {
  const { kind, title, badDay } = scenario
  const isLost = badDay.worstMissing.kind === 'known' && badDay.worstMissing.best > 0
  return (
    <Panel title={kind === 'now' ? 'Now' : 'Under the policy'} note={title} testId={`capacity-${kind}`}>
      <p
        className={classes.headline}
        data-testid={`capacity-${kind}-guests`}
        data-best={scenario.guests.kind === 'known' ? scenario.guests.best : undefined}
      >
        {headlineOf(capacity, scenario)}
      </p>
      <p
        className={classes.beside}
        data-tone={isLost ? 'bad' : 'good'}
        data-testid={`capacity-${kind}-worst`}
      >
        Bad day: {describeWorst(badDay)}.
      </p>
      <Resources scenario={scenario} />
      <FigureTable label={`Memory, ${title}`} figures={roomFigures(scenario)} />
      <BadDayTable badDay={badDay} label={title} />
    </Panel>
  )
}

function Resources({ scenario: { title, resources } }: Pick<ScenarioPanelProps, 'scenario'>) {
  return (
    <table className={classes.figures} aria-label={`What carries more guests, ${title}`}>
      <thead>
        <tr>
          <th scope="col">By</th>
          <th scope="col">More guests</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {resources.map(({ resource, guests, why }) => (
          <tr key={resource} data-resource={resource}>
            <th scope="row">{resourceNames[resource]}</th>
            <td>
              <Answer answer={guests} format={wholeGuests} />
            </td>
            <td>{why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
