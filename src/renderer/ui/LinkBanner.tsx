import { IconPlugConnectedX } from '@tabler/icons-react'
import type { LinkFailureReason } from '../link/link-failure.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import classes from './LinkBanner.module.css'
import { ProblemNotice } from './Notice.tsx'
import { ReadEarlier } from './ReadEarlier.tsx'
import { RetryButton } from './RetryButton.tsx'
import { Since } from './Since.tsx'
import { useNow } from './use-now.ts'

const titles: Readonly<Record<LinkFailureReason, string>> = {
  'no-key': 'This tab has no access to the workbench',
  refused: 'The workbench does not know this tab',
  unproven: 'Another program answers at this address',
  unreachable: 'No connection to the workbench',
}

const getLink = 'run “npm start -- --print-link” where the workbench runs, and open the link that it prints'
const remedies: Readonly<Record<LinkFailureReason, string>> = {
  'no-key': `Each link opens one tab. For this one, ${getLink} here.`,
  refused: `The link was used before or has expired, or the workbench was restarted. To go on, ${getLink} here.`,
  unproven:
    'It cannot prove that it is the workbench that opened this tab. Nothing was sent to it, and open questions were closed. Do not type a password into any page at this address: close this tab, start the workbench again and open the link that it prints.',
  unreachable: 'If it was stopped, start it again and open the link that it prints.',
}

/** Shown while the workbench itself cannot be reached: what is on screen is old. */
export function LinkBanner() {
  const store = useStore()
  const link = useFleet((fleet) => fleet.link)
  const hasFigures = useFleet((fleet) => fleet.hosts !== undefined)
  const lostAt = useFleet((fleet) => fleet.lostAt)
  const now = useNow()
  if (link.state === 'failed') {
    const again = <RetryButton onRetry={() => store.reload()} />
    return (
      <>
        <ProblemNotice problem={link.problem} attempt="List the hosts" aside={again} testId="not-listed" />
        {hasFigures && <ReadEarlier at={lostAt} />}
      </>
    )
  }
  if (link.state !== 'lost') return null
  const { reason, retryAt, at } = link
  const waitSeconds = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000))
  return (
    <div className={classes.banner} role="alert" data-testid="link-banner" data-reason={reason}>
      <IconPlugConnectedX size={16} aria-hidden />
      <b>{titles[reason]}</b>
      <span>
        {hasFigures && (
          <>
            The figures below have not been updated for <Since at={lostAt ?? at} />.{' '}
          </>
        )}
        {reason === 'unreachable' &&
          (waitSeconds > 0 ? `Trying again in ${waitSeconds} s. ` : 'Trying again. ')}
        {remedies[reason]}
      </span>
    </div>
  )
}
