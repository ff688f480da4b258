// One scenario: how many more guests, what limits them, and the bad day beside the saving.
import type { BadDay, Capacity, CapacityAnswer, CapacityScenario } from '../../shared/contract/index.ts'
import {
  describeWorst,
  headlineOf,
  resourceNames,
  roomFigures,
  wholeGuests,
} from '../../shared/text/capacity-text.ts'
import type { Tone } from '../model/tone.ts'
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
  return (
    <Panel title={kind === 'now' ? 'Now' : 'Under the policy'} note={title} testId={`capacity-${kind}`}>
      <p
        className={classes.headline}
        data-testid={`capacity-${kind}-guests`}
        data-best={scenario.guests.kind === 'known' ? scenario.guests.best : undefined}
      >
        {headlineOf(capacity, scenario)}
      </p>
      <p className={classes.beside} data-tone={toneOf(badDay)} data-testid={`capacity-${kind}-worst`}>
        Bad day: {describeWorst(badDay)}.
      </p>
      <Resources scenario={scenario} />
      <FigureTable label={`Memory, ${title}`} figures={roomFigures(scenario)} />
      <BadDayTable badDay={badDay} label={title} />
    </Panel>
  )
}

/** `warn`: it fits as things are, and no more once the guests run that are said to fit. */
function toneOf({ worstMissing, filled }: BadDay): Tone {
  const isMissing = (answer: CapacityAnswer) => answer.kind === 'known' && answer.best > 0
  if (isMissing(worstMissing)) return 'bad'
  return isMissing(filled.missing) ? 'warn' : 'good'
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
