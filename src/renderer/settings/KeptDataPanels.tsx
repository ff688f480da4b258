// What is kept on this machine, where and for how long; and what the helper keeps on each host.
import { Table } from '@mantine/core'
import type { KeptData } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { useAnswer } from '../store/use-answer.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { Panel } from '../ui/Panel.tsx'
import { describeSpan, describeStep, keptWords } from './kept-words.ts'
import classes from './settings.module.css'

export function KeptDataPanels() {
  const answer = useAnswer((store, options) => store.call('data/kept', {}, options))
  return (
    <Awaited answer={answer} attempt="Look into the data folder" reading="the data folder" height={400}>
      {(kept) => (
        <>
          <Panel title="Kept on this machine" testId="kept-data">
            <p className={classes.words}>
              All of it lies in one folder, which only you can read:{' '}
              <code data-testid="data-folder">{kept.folder}</code>. Host keys are where ssh keeps them. The
              variable SINGLETON_DATA_DIR names another folder.
            </p>
            <PlacesTable {...kept} />
          </Panel>
          <Panel title="History" note="for each host; it cannot be changed" testId="kept-history">
            <HistoryTable history={kept.history} />
            <p className={classes.words}>
              Older values are rolled up into wider steps, as the table says. Assessments, scrubs and marks on
              charts are kept for {describeSpan(kept.history.eventsKeptSeconds)}.
            </p>
          </Panel>
        </>
      )}
    </Awaited>
  )
}

function PlacesTable({ places, setAside }: Pick<KeptData, 'places' | 'setAside'>) {
  return (
    <Table aria-label="What is kept" verticalSpacing={4} fz="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>What</Table.Th>
          <Table.Th>File</Table.Th>
          <Table.Th className={classes.number ?? ''}>Size now</Table.Th>
          <Table.Th>Until</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {places.map(({ place, bytes }) => (
          <Table.Tr key={place} data-testid="kept-place">
            <Table.Td>{keptWords[place].what}</Table.Td>
            <Table.Td>
              <code>{place}</code>
            </Table.Td>
            <Table.Td className={classes.number ?? ''}>
              {bytes === undefined ? <span className="missing">cannot be read</span> : formatBytes(bytes)}
            </Table.Td>
            <Table.Td>{keptWords[place].until}</Table.Td>
          </Table.Tr>
        ))}
        {setAside && (
          <Table.Tr data-testid="set-aside">
            <Table.Td>Damaged files that were set aside when a new one was begun.</Table.Td>
            <Table.Td>
              <code>*.corrupt-*</code>
            </Table.Td>
            <Table.Td className={classes.number ?? ''}>
              {`${formatBytes(setAside.bytes)} in ${setAside.files === 1 ? '1 file' : `${setAside.files} files`}`}
            </Table.Td>
            <Table.Td>You delete them.</Table.Td>
          </Table.Tr>
        )}
      </Table.Tbody>
    </Table>
  )
}

function HistoryTable({ history }: Pick<KeptData, 'history'>) {
  return (
    <Table aria-label="For how long history is kept" verticalSpacing={4} fz="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>One value for</Table.Th>
          <Table.Th>Kept for</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {history.levels.map((level) => (
          <Table.Tr key={level.stepSeconds ?? 0}>
            <Table.Td>{describeStep(level)}</Table.Td>
            <Table.Td>{describeSpan(level.keptSeconds)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
