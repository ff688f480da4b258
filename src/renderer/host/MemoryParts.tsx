// What memory holds, at the last assessment: the guests' RAM, the image cache, and what was won of what could be.
import { type HostView, shownTime } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { RamParts } from '../guests/RamParts.tsx'
import { cachePartsOf } from '../images/cache-parts.ts'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import { type Part, PartsBar } from '../ui/PartsBar.tsx'
import classes from './MemoryParts.module.css'

export function MemoryParts({ view }: { readonly view: HostView }) {
  const { assessment } = view
  return (
    <Panel
      title="What memory holds"
      note={assessment ? `assessed ${formatMoment(shownTime(assessment))}` : 'not assessed yet'}
      testId="memory-parts"
    >
      {assessment ? (
        <div className={classes.bars}>
          <RamParts guests={assessment.guests} />
          <PartsBar label="Image cache" parts={cachePartsOf(assessment.images)} />
          <PartsBar label="Won, of what could be won" parts={wonPartsOf(view)} />
        </div>
      ) : (
        <p className="panel-note">
          Press Assess: the helper reads the guests’ RAM and the image cache by content, and changes nothing.
        </p>
      )}
    </Panel>
  )
}

function wonPartsOf({ assessment, latest, reclaimedBytes, doubleCachedBytes }: HostView): Part[] {
  const merged = latest?.ksm?.mergedBytes ?? 0
  return [
    {
      label: 'Merged now',
      bytes: merged,
      color: 'var(--q-merged)',
      about: `Realised by KSM, zero pages included: (pages_sharing + zero pages) × page size, in the last sample. ${figureErrors.sample}`,
    },
    {
      label: 'Evicted',
      bytes: Math.max(0, (reclaimedBytes ?? merged) - merged),
      color: 'var(--q-shared)',
      about: `Realised by the last scrub: what it evicted and what was not read again since. ${figureErrors.scrub}`,
    },
    {
      label: 'Mergeable',
      bytes: assessment?.totals.mergeableBytes ?? 0,
      color: 'var(--q-reclaimable)',
      about: `Potential of KSM at the last assessment: for each content its distinct frames less one. ${figureErrors.content}`,
    },
    {
      label: 'Double cached',
      bytes: doubleCachedBytes ?? 0,
      color: 'var(--q-double-cached)',
      about: `Potential of a scrub, at the last assessment or scrub: image cache that a guest holds as well. ${figureErrors.content}`,
    },
  ]
}
