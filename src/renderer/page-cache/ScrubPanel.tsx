import { useMemo } from 'react'
import { type ScrubbedImage, type ScrubResult, shownTime } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { imageKey, imageLabels } from '../../shared/text/image-labels.ts'
import { formatBytes, formatSeconds } from '../../shared/units.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { Figure } from '../ui/Figure.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'

interface ScrubPanelProps {
  readonly plan: DryRun | undefined
  readonly last: ScrubResult | undefined
}

/** A dry run made on this page, and the last scrub as it was then: whichever came later is known without a clock. */
export interface DryRun {
  readonly result: ScrubResult
  readonly last: ScrubResult | undefined
}

/** The newer of the last scrub and the last dry run, image by image. */
export function ScrubPanel({ plan, last }: ScrubPanelProps) {
  const shown = plan && isSame(plan.last, last) ? plan.result : last
  const columns = useMemo(() => (shown ? scrubColumns(shown) : []), [shown])
  if (!shown) return null
  const { cost, dryRun } = shown
  return (
    <Panel
      title={dryRun ? 'Dry run of a scrub' : 'Last scrub'}
      note={`${formatMoment(shownTime(shown))} · ${formatSeconds(cost.wallSeconds)}, ${formatSeconds(cost.cpuSeconds)} CPU${dryRun ? ' · nothing was changed' : ''}`}
      flush
      testId="scrub-result"
    >
      <DataTable
        label={dryRun ? 'What a scrub would do' : 'What the last scrub did'}
        rows={shown.images}
        columns={columns}
        fixed
        footers={scrubFooters(shown)}
        rowKey={imageKey}
        initialSort={{ id: 'evictedBytes', desc: true }}
        empty="No image to scrub."
      />
    </Panel>
  )
}

type BytesKey = Exclude<keyof ScrubResult['totals'], 'heldByOthersBytes'>

function scrubFooters({ totals }: ScrubResult): Record<string, string> {
  const bytes = Object.entries(totals).map(([id, value]) => [
    id,
    value === undefined ? '' : formatBytes(value),
  ])
  return { path: 'Total', ...Object.fromEntries(bytes) }
}

function scrubColumns({ dryRun, images }: ScrubResult): TableColumn<ScrubbedImage>[] {
  const labels = new Map(imageLabels(images).map((label, index) => [images[index], label]))
  const labelOf = (image: ScrubbedImage) => labels.get(image) ?? image.path
  const bytesColumn = (id: BytesKey, title: string, about: string): TableColumn<ScrubbedImage> => ({
    id,
    title,
    about,
    width: '11%',
    numeric: true,
    sortBy: (image) => image[id],
    cell: (image) => formatBytes(image[id]),
  })
  return [
    {
      id: 'path',
      title: 'Image',
      sortBy: labelOf,
      cell: (image) => <span className="path">{labelOf(image)}</span>,
    },
    bytesColumn('residentBeforeBytes', 'Before', `Resident in the page cache before. ${figureErrors.scrub}`),
    bytesColumn(
      'residentAfterBytes',
      dryRun ? 'Would remain' : 'After',
      `Resident in the page cache after. ${figureErrors.scrub}`,
    ),
    bytesColumn(
      'evictedBytes',
      dryRun ? 'Would be evicted' : 'Evicted',
      dryRun
        ? `Clean pages that a guest holds. ${figureErrors.scrub}`
        : `Measured: resident before, not resident after. ${figureErrors.scrub}`,
    ),
    bytesColumn(
      'keptDirtyBytes',
      'Kept, dirty',
      `Not yet written to storage; never evicted. ${figureErrors.scrub}`,
    ),
    bytesColumn(
      'keptUniqueBytes',
      'Kept, unique',
      `No scanned guest holds this content. ${figureErrors.scrub}`,
    ),
    {
      id: 'heldByOthersBytes',
      title: 'Kept, of others',
      about:
        'Held only by guests that do not have the image open or are excluded; never evicted because of them.',
      width: '11%',
      numeric: true,
      sortBy: ({ heldByOthersBytes }) => heldByOthersBytes,
      cell: ({ heldByOthersBytes }) => (
        <Figure value={heldByOthersBytes} unit="bytes" absent="not measured by this helper" />
      ),
    },
    { id: 'skipped', title: 'Note', width: '14%', cell: ({ skipped }) => skipped?.text },
  ]
}

/** The same document comes anew with each notification. */
function isSame(one: ScrubResult | undefined, other: ScrubResult | undefined): boolean {
  return one?.at === other?.at && one?.arrivedAt === other?.arrivedAt
}
