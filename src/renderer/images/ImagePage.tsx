// One disk image: what the host's page cache holds of it, who has it open, and what scrubs did to it.
import { useMemo } from 'react'
import { type HostView, shownTime } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { imageKey } from '../../shared/text/image-labels.ts'
import { formatBytes } from '../../shared/units.ts'
import { GuestNames } from '../guests/GuestNames.tsx'
import { ItemPage } from '../host-parts/ItemPage.tsx'
import { isMeasured, NothingMeasured } from '../host-parts/NothingMeasured.tsx'
import type { Route } from '../model/route.ts'
import { type Fact, Facts } from '../ui/Facts.tsx'
import { notReported } from '../ui/Figure.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Notice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import { PartsBar } from '../ui/PartsBar.tsx'
import { Reasons } from '../ui/Reasons.tsx'
import { cachePartsOf } from './cache-parts.ts'
import { type ImageRow, imageRows } from './image-rows.ts'

export function ImagePage({ route }: { readonly route: Route }) {
  return (
    <ItemPage route={route} kind="Image">
      {(view) => <Image view={view} item={route.item} />}
    </ItemPage>
  )
}

function Image({ view, item }: { readonly view: HostView; readonly item: string }) {
  const rows = useMemo(() => imageRows(view), [view])
  const row = rows.find(({ key }) => key === item)
  if (!row && !isMeasured(view)) return <NothingMeasured view={view} />
  if (!row) {
    return (
      <Notice tone="warn" title="No guest has this image open now">
        It was closed or replaced by another file: an image is known by device, inode and generation, here{' '}
        {item}.
      </Notice>
    )
  }
  const { assessed } = row
  const note = view.assessment ? `assessed ${formatMoment(shownTime(view.assessment))}` : 'not assessed yet'
  return (
    <>
      <div>
        <h1 className="page-title path">{row.label}</h1>
        <div className="cell-sub">
          {[assessed?.format, assessed && `cache mode ${assessed.cacheMode}`, row.id && `identity ${row.id}`]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      <Facts facts={factsOf(row)} label="Image in figures" />
      <Panel title="Page cache" note={note} testId="image-cache">
        {assessed ? (
          <PartsBar label="Resident at the assessment" parts={cachePartsOf([assessed])} />
        ) : (
          <p className="panel-note">Assess the host to learn how much of it is double cached.</p>
        )}
        <Reasons
          reasons={[...(assessed?.notApplicable ? [assessed.notApplicable] : []), ...(assessed?.why ?? [])]}
        />
      </Panel>
      <Panel title="Opened by" testId="image-guests">
        {row.guests.length > 0 ? (
          <GuestNames hostId={view.host.id} names={row.guests} />
        ) : (
          <span className="panel-note">Known after an assessment.</span>
        )}
      </Panel>
      <LastScrub view={view} item={item} />
    </>
  )
}

function factsOf({ sampled, assessed }: ImageRow): Fact[] {
  const resident = sampled?.residentBytes ?? assessed?.residentBytes
  const dirty = sampled?.dirtyBytes ?? assessed?.dirtyBytes
  return [
    {
      label: 'Resident now',
      value: resident === undefined ? 'not sampled' : formatBytes(resident),
      note: 'in the host’s page cache',
      about: `Bytes of the image in the host’s page cache in the last sample, by cachestat(2) or mincore(2). ${figureErrors.sample}`,
      color: 'var(--q-image-cache)',
      testId: 'image-resident',
      bytes: resident,
    },
    {
      label: 'Dirty',
      value: dirty === undefined ? notReported : formatBytes(dirty),
      note: 'waiting to be written; never evicted',
      about: `Absent where the kernel does not report it, or not for this file system. ${figureErrors.sample}`,
      color: 'var(--q-volatile)',
      testId: 'image-dirty',
      bytes: dirty,
    },
    {
      label: 'Double cached',
      value: assessed === undefined ? 'not assessed' : formatBytes(assessed.doubleCachedBytes),
      note: 'held by a guest that has it open',
      about: `At the last assessment: resident bytes whose content is also in the RAM of a guest that has it open. ${figureErrors.content}`,
      color: 'var(--q-double-cached)',
      testId: 'image-double-cached',
      bytes: assessed?.doubleCachedBytes,
    },
  ]
}

function LastScrub({ view: { lastScrub }, item }: { readonly view: HostView; readonly item: string }) {
  const image = lastScrub?.images.find((one) => imageKey(one) === item)
  if (!lastScrub || !image) return null
  return (
    <Panel title="Last scrub" note={formatMoment(shownTime(lastScrub))} testId="image-scrub">
      {formatBytes(image.residentBeforeBytes)} resident before, {formatBytes(image.residentAfterBytes)} after:{' '}
      {formatBytes(image.evictedBytes)} evicted, {formatBytes(image.keptDirtyBytes)} kept because dirty,{' '}
      {formatBytes(image.keptUniqueBytes)} kept because no guest holds it.
      {image.skipped && <div>{image.skipped.text}</div>}
    </Panel>
  )
}
