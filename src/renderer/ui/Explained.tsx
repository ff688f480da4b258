import { Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './Explained.module.css'

interface ExplainedProps {
  /** Source and error of the figure. */
  readonly about: string
  readonly children: ReactNode
}

/** A name that says on hover and on focus what its figure is, where it comes from and how far off it may be. */
export function Explained({ about, children }: ExplainedProps) {
  return (
    <Tooltip label={about}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the explanation must be reachable by keyboard. */}
      <span tabIndex={0} className={classes.explained}>
        {children}
      </span>
    </Tooltip>
  )
}
