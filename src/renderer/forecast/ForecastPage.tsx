// Which guests would share pages if they lived on one host. Asked first: it compares guests of several hosts.
import { MultiSelect, Skeleton } from '@mantine/core'
import { IconArrowsExchange } from '@tabler/icons-react'
import { useMemo, useRef, useState } from 'react'
import { type Forecast, forecastQuestion, maxForecastHosts } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { hostLink, linkTo, type Route, showInstead } from '../model/route.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { UnderWay } from '../ui/UnderWay.tsx'
import { useAct } from '../ui/use-act.ts'
import { describeEstimate } from './describe-estimate.ts'
import { ForecastMatrix } from './ForecastMatrix.tsx'
import classes from './forecast.module.css'

export function ForecastPage({ route: { query } }: { readonly route: Route }) {
  const views = useFleet((fleet) => fleet.hosts)
  const { busy, step, make, cancel } = useMaking()
  const [asking, setAsking] = useState(false)
  const [forecast, setForecast] = useState<Forecast>()
  const hostIds = useMemo(() => (query.get('hosts') ?? '').split(',').filter((id) => id !== ''), [query])
  const data = useMemo(() => (views ?? []).map(({ host }) => ({ value: host.id, label: host.name })), [views])
  const names = hostIds.map((id) => data.find(({ value }) => value === id)?.label ?? id)
  const choose = (ids: readonly string[]) =>
    showInstead(linkTo('forecast', { query: ids.length > 0 ? { hosts: ids.join(',') } : {} }))
  return (
    <main className="page" data-testid="forecast-page">
      <h1 className="sr-only">Forecast</h1>
      <Panel title="Living together">
        <p className={classes.about}>
          Which guests would share pages if they lived on one host, and how many bytes that would save.
        </p>
        <div className={classes.form}>
          <MultiSelect
            label="Hosts"
            description="two or more"
            className={classes.hosts ?? ''}
            data={data}
            value={hostIds}
            onChange={choose}
            maxValues={maxForecastHosts}
            searchable
            data-testid="forecast-hosts"
          />
          <ActButton
            icon={IconArrowsExchange}
            filled
            busy={busy}
            refusal={hostIds.length < 2 ? 'Choose at least two hosts.' : undefined}
            onClick={() => setAsking(true)}
            testId="forecast-make"
          >
            Make a forecast
          </ActButton>
          {busy && <UnderWay step={step} onCancel={cancel} />}
        </div>
        <HostsNeeded count={views?.length} />
      </Panel>
      <ConfirmDialog
        opened={asking}
        title={`Make a forecast for ${names.join(', ')}?`}
        confirmLabel="Make it"
        onConfirm={() => {
          setAsking(false)
          make(hostIds, setForecast)
        }}
        onClose={() => setAsking(false)}
      >
        <p>{forecastQuestion}</p>
      </ConfirmDialog>
      {forecast && <ForecastResult forecast={forecast} />}
    </main>
  )
}

function HostsNeeded({ count }: { readonly count: number | undefined }) {
  if (count === undefined) return <Skeleton role="status" height={18} mt={8} aria-label="Loading the hosts" />
  if (count >= 2) return null
  return (
    <p className={classes.about}>It takes two hosts: add {count === 0 ? 'them' : 'another one'} first.</p>
  )
}

function useMaking() {
  const store = useStore()
  const { busy, run } = useAct()
  const [step, setStep] = useState('')
  const leaving = useRef<AbortController>(undefined)
  const make = (hostIds: readonly string[], onMade: (forecast: Forecast) => void) =>
    run('Make the forecast', async () => {
      const cancelling = new AbortController()
      leaving.current = cancelling
      setStep('starting')
      const onProgress = (progress: { readonly step: string }) => setStep(progress.step)
      const order = { hostIds: [...hostIds] }
      onMade(await store.call('forecast/make', order, { signal: cancelling.signal, onProgress }))
    })
  return { busy, step, make, cancel: () => leaving.current?.abort() }
}

function ForecastResult({ forecast }: { readonly forecast: Forecast }) {
  const nameOf = (id: string) => forecast.hosts.find(({ hostId }) => hostId === id)?.name ?? id
  return (
    <>
      <Panel title="All guests of two hosts on one" note="bytes shared across both, with 95 % bounds" flush>
        <ForecastMatrix forecast={forecast} />
      </Panel>
      <Panel title="Moves that win most" note="of one guest to another host" flush>
        <DataTable
          label="Moves"
          rows={forecast.moves}
          columns={moveColumns(nameOf)}
          rowKey={({ pid, from, to }) => `${from} ${pid} ${to}`}
          initialSort={{ id: 'won', desc: true }}
          empty="No move of a single guest would win memory."
          testId="forecast-moves"
        />
      </Panel>
      {forecast.notes.map((note) => (
        <p key={note} className={classes.about}>
          {note}
        </p>
      ))}
    </>
  )
}

type Move = Forecast['moves'][number]

function moveColumns(nameOf: (id: string) => string): TableColumn<Move>[] {
  const host = (id: 'from' | 'to', title: string): TableColumn<Move> => ({
    id,
    title,
    sortBy: (move) => nameOf(move[id]),
    cell: (move) => <a href={hostLink(move[id])}>{nameOf(move[id])}</a>,
  })
  return [
    { id: 'guest', title: 'Guest', sortBy: ({ guest }) => guest, cell: ({ guest }) => guest },
    host('from', 'From'),
    host('to', 'To'),
    {
      id: 'won',
      title: 'Wins',
      about: 'Contents that guests of the other host hold, less those that it shares where it is now.',
      numeric: true,
      sortBy: ({ won }) => won.bytes,
      cell: ({ won }) => <span data-bytes={won.bytes}>{describeEstimate(won)}</span>,
    },
    {
      id: 'resident',
      title: 'Resident',
      numeric: true,
      sortBy: ({ residentBytes }) => residentBytes,
      cell: ({ residentBytes }) => formatBytes(residentBytes),
    },
    {
      id: 'fits',
      title: 'Fits',
      about: 'Whether the other host has as much memory available as the guest has resident.',
      cell: ({ fits }) =>
        fits === undefined ? <span className="missing">not known</span> : fits ? 'yes' : 'no',
    },
  ]
}
