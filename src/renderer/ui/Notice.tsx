import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { ProblemData } from '../../shared/problem.ts'
import { problemTitles } from '../model/problem-titles.ts'
import type { Tone } from '../model/tone.ts'
import classes from './Notice.module.css'
import notice from './notice.module.css'

const icons = {
  good: IconCircleCheck,
  busy: IconInfoCircle,
  warn: IconAlertTriangle,
  bad: IconCircleX,
  idle: IconInfoCircle,
} satisfies Record<Tone, unknown>

interface NoticeProps {
  readonly tone: Tone
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly aside?: ReactNode
  readonly testId?: string
}

export function Notice({ tone, title, children, aside, testId }: NoticeProps) {
  const Icon = icons[tone]
  return (
    <div
      className={notice.notice}
      data-tone={tone}
      data-testid={testId}
      role={tone === 'bad' ? 'alert' : 'status'}
    >
      <Icon size={17} aria-hidden color={`var(--wb-${tone === 'idle' ? 'dim' : tone})`} />
      <div className={classes.content}>
        <div className={notice.title}>{title}</div>
        {children && <div className={notice.text}>{children}</div>}
      </div>
      {aside}
    </div>
  )
}

interface ProblemNoticeProps {
  readonly problem: ProblemData
  /** What was attempted, before the code's own title. */
  readonly attempt?: string
  readonly aside?: ReactNode
  readonly testId?: string
}

/** Title by code, then what happened, then what can be done about it. */
export function ProblemNotice({ problem, attempt, aside, testId = 'problem' }: ProblemNoticeProps) {
  const title = problemTitles[problem.code]
  return (
    <Notice
      tone={problem.code === 'cancelled' ? 'warn' : 'bad'}
      title={attempt ? `${attempt}: ${title.charAt(0).toLowerCase()}${title.slice(1)}` : title}
      aside={aside}
      testId={testId}
    >
      {problem.message}
      {problem.remedy && (
        <div className={classes.remedy}>
          <b>What to do: </b>
          {problem.remedy}
        </div>
      )}
    </Notice>
  )
}
