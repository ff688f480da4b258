// One guest: what its RAM holds, what it shares and with whom, what it reads, and its images.
import { useMemo } from 'react'
import { type AssessedGuest, type HostView, shownTime } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { imageKey } from '../../shared/text/image-labels.ts'
import { describeAssessedRam } from '../../shared/text/ram-text.ts'
import { formatBytes, formatLatency, formatPerSecond, formatRatio } from '../../shared/units.ts'
import { HostCharts } from '../history/HostCharts.tsx'
import { ItemPage } from '../host-parts/ItemPage.tsx'
import { isMeasured, NothingMeasured } from '../host-parts/NothingMeasured.tsx'
import { linkTo, type Route } from '../model/route.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { type Fact, Facts } from '../ui/Facts.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Notice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import { Reasons } from '../ui/Reasons.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { aboutCpu, describeProcess } from './guest-columns.tsx'
import { findGuest } from './guest-link.ts'
import {
  type GuestRow,
  guestRows,
  whatOfIoPressure,
  whyNoCpu,
  whyNoLatency,
  whyNoReads,
} from './guest-rows.ts'
import { mergingWords } from './merge-switch.ts'
import { RamParts } from './RamParts.tsx'
import { type SharingRow, sharingOfGuest } from './sharing-of-guest.ts'

export function GuestPage({ route }: { readonly route: Route }) {
  return (
    <ItemPage route={route} kind="Guest">
      {(view) => <Guest view={view} route={route} />}
    </ItemPage>
  )
}

interface GuestProps {
  readonly view: HostView
  readonly route: Route
}

function Guest({ view, route }: GuestProps) {
  const rows = useMemo(() => guestRows(view), [view])
  const row = findGuest(route.item, rows)
  const { name = '', pid = 0 } = row ?? {}
  // The same object for the same guest: another one would draw every plot anew with each sample of the host.
  const named = useMemo(() => ({ name, pid }), [name, pid])
  if (!row && !isMeasured(view)) return <NothingMeasured view={view} />
  if (!row) {
    return (
      <Notice tone="warn" title={`There is no guest ${route.item} here now`}>
        It has ended, was given another name, or is on another host. Its history is kept by name, and with its
        process where two guests had one name.
      </Notice>
    )
  }
  const { assessed } = row
  return (
    <>
      <div>
        <h1 className="page-title clip">{row.name}</h1>
        <div className="cell-sub">{describeProcess(row)}</div>
      </div>
      <Facts facts={factsOf(row)} label="Guest in figures" />
      <Facts facts={loadFactsOf(row)} label="Its load in figures" />
      {assessed ? (
        <Panel title="RAM" note={assessedNote(view)} testId="guest-ram">
          <RamParts guests={[assessed]} />
          <Reasons reasons={assessed.why} />
        </Panel>
      ) : (
        <Notice tone="idle" title="Not assessed">
          What its RAM holds, and with whom it shares, is known after an assessment of the host.
        </Notice>
      )}
      <HostCharts route={route} charts={['guestCpu', 'hits', 'reads', 'latency', 'ioWaits']} guest={named} />
      {assessed && view.assessment && <SharingTable view={view} guest={assessed} />}
      {assessed && <ImagesOfGuest view={view} guest={assessed} />}
    </>
  )
}

function assessedNote({ assessment }: HostView): string {
  return assessment ? `assessed ${formatMoment(shownTime(assessment))}` : 'not assessed yet'
}

/** What its process, its QEMU and its control group tell of its CPU and its reads; where they do not, why. */
function loadFactsOf({ sampled }: GuestRow): Fact[] {
  const { readsPerSecond, readLatencySeconds } = sampled?.diskReads ?? {}
  const ioPressureRatio = sampled?.ioPressureRatio
  const cpuRatio = sampled?.cpuRatio
  return [
    {
      label: 'CPU',
      value: cpuRatio === undefined ? absent : formatRatio(cpuRatio),
      note: cpuRatio === undefined ? whyNoCpu(sampled) : 'of one core',
      about: aboutCpu,
      color: 'var(--q-guest)',
      testId: 'guest-cpu',
    },
    {
      label: 'Reads',
      value: readsPerSecond === undefined ? absent : formatPerSecond(readsPerSecond),
      note: readsPerSecond === undefined ? whyNoReads(sampled) : 'requests to its disks',
      about: 'Read requests to its disks, counted by QEMU over ten seconds.',
      color: 'var(--q-line-1)',
      testId: 'guest-reads',
    },
    {
      label: 'Read latency',
      value: readLatencySeconds === undefined ? absent : formatLatency(readLatencySeconds),
      note: readLatencySeconds === undefined ? whyNoLatency(sampled) : 'mean of the requests',
      about: 'Mean time of a read request, counted by QEMU over ten seconds.',
      color: 'var(--q-line-2)',
      testId: 'guest-read-latency',
    },
    {
      label: 'Waits for storage',
      value: ioPressureRatio === undefined ? absent : formatRatio(ioPressureRatio),
      note: whatOfIoPressure(sampled),
      about:
        'Share of the last ten seconds in which some task of its control group waited for storage: io.pressure of cgroup v2.',
      color: 'var(--q-line-3)',
      testId: 'guest-io-pressure',
    },
  ]
}

const absent = 'not reported'

function factsOf({ sampled, assessed }: GuestRow): Fact[] {
  const known = (bytes: number | undefined, absent = 'not assessed') =>
    bytes === undefined ? absent : formatBytes(bytes)
  const merging = sampled?.merging
  return [
    {
      label: 'Resident now',
      value: known(sampled?.rssBytes, 'has ended'),
      note: assessed ? `of ${describeAssessedRam(assessed)}` : 'of its QEMU process',
      about: `Resident memory of its QEMU process (RSS) in the last sample, from /proc/PID/stat. ${figureErrors.resident}`,
      color: 'var(--q-guest)',
      testId: 'guest-resident',
      bytes: sampled?.rssBytes,
    },
    {
      label: 'Mergeable',
      value: known(assessed?.mergeableBytes),
      note: 'what KSM would free',
      about: `For each content its distinct page frames less one, shared out over the guests that hold it. ${figureErrors.content}`,
      color: 'var(--q-reclaimable)',
      testId: 'guest-mergeable',
      bytes: assessed?.mergeableBytes,
    },
    {
      label: 'Merged',
      value: known(assessed?.mergedBytes),
      note: merging === undefined ? 'merging not known' : `merging: ${mergingWords[merging].toLowerCase()}`,
      about: `Saved by KSM at the assessment; the guests’ figures add up to the host’s. ${figureErrors.content}`,
      color: 'var(--q-merged)',
      testId: 'guest-merged',
      bytes: assessed?.mergedBytes,
    },
    {
      label: 'Double cached',
      value: known(assessed?.doubleCachedBytes),
      note: 'also in the host’s page cache',
      about: `Pages of its RAM whose content the host’s page cache holds of an image that the guest has open. ${figureErrors.content}`,
      color: 'var(--q-double-cached)',
      testId: 'guest-double-cached',
      bytes: assessed?.doubleCachedBytes,
    },
  ]
}

function SharingTable({ view, guest }: { readonly view: HostView; readonly guest: AssessedGuest }) {
  const rows = useMemo(() => sharingOfGuest(view, guest), [view, guest])
  const hostId = view.host.id
  const columns: readonly TableColumn<SharingRow>[] = [
    {
      id: 'name',
      title: 'Guest',
      sortBy: ({ name }) => name,
      cell: ({ name, isItself }) =>
        isItself ? 'within itself' : <a href={linkTo('guest', { hostId, item: name })}>{name}</a>,
    },
    {
      id: 'identical',
      title: 'Identical',
      numeric: true,
      about: `Pages of this guest whose content the other holds too. ${figureErrors.content}`,
      sortBy: ({ identicalBytes }) => identicalBytes,
      cell: ({ identicalBytes }) => formatBytes(identicalBytes),
    },
    {
      id: 'share',
      title: 'Of its resident RAM',
      numeric: true,
      sortBy: ({ identicalBytes }) => identicalBytes,
      cell: ({ identicalBytes }) =>
        guest.residentBytes === 0 ? '' : formatRatio(identicalBytes / guest.residentBytes),
    },
    {
      id: 'zeros',
      title: 'Of it zeros',
      numeric: true,
      sortBy: ({ zeroBytes }) => zeroBytes,
      cell: ({ zeroBytes }) => formatBytes(zeroBytes),
    },
  ]
  return (
    <Panel title="Shares with" note={assessedNote(view)} flush testId="guest-sharing">
      <DataTable
        label="Guests that hold the same content"
        rows={rows}
        columns={columns}
        rowKey={({ pid }) => String(pid)}
        initialSort={{ id: 'identical', desc: true }}
        empty="No other guest holds the same content, or there are too many guests to tell which ones do."
      />
    </Panel>
  )
}

function ImagesOfGuest({ view, guest }: { readonly view: HostView; readonly guest: AssessedGuest }) {
  const images = view.assessment?.images.filter(({ guests }) => guests.includes(guest.pid)) ?? []
  const hostId = view.host.id
  return (
    <Panel title="Images" note={`${images.length} open`} testId="guest-images">
      {images.length === 0 && <p className="panel-note">The host caches none of its disk images.</p>}
      {images.map((image) => (
        <div key={imageKey(image)}>
          <a className="path" href={linkTo('image', { hostId, item: imageKey(image) })}>
            {image.path}
          </a>{' '}
          <span className="cell-sub">
            {image.format}, {image.cacheMode}, {formatBytes(image.residentBytes)} resident,{' '}
            {formatBytes(image.doubleCachedBytes)} double cached
          </span>
        </div>
      ))}
    </Panel>
  )
}
