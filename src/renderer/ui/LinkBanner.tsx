import { IconPlugConnectedX } from '@tabler/icons-react'
import { useFleet } from '../store/use-fleet.ts'
import { ProblemNotice } from './Notice.tsx'
import { Since } from './Since.tsx'
import { useNow } from './use-now.ts'

/** Shown while the workbench itself cannot be reached: what is on screen is old. */
export function LinkBanner() {
  const link = useFleet((fleet) => fleet.link)
  const now = useNow()
  if (link.state === 'failed') return <ProblemNotice problem={link.problem} attempt="List the hosts" />
  if (link.state !== 'lost') return null
  const waitSeconds = Math.max(0, Math.ceil((link.retryAt - now) / 1000))
  return (
    <div className="banner" role="alert" data-testid="link-banner">
      <IconPlugConnectedX size={16} aria-hidden />
      <b>No connection to the workbench</b>
      <span>
        for <Since at={link.at} />. The figures below are as they were then.{' '}
        {waitSeconds > 0 ? `Trying again in ${waitSeconds} s.` : 'Trying again.'} If it was stopped, start it
        again and open the address it prints.
      </span>
    </div>
  )
}
