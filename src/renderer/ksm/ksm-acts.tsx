// What each KSM act will do, in words, before it is done.
import type { ReactNode } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { formatMoment } from '../ui/moments.ts'

export type KsmActId = 'stop' | 'unmerge' | 'restore'

export interface KsmAct {
  readonly id: KsmActId
  readonly method: `ksm/${KsmActId}`
  readonly label: string
  readonly question: string
  readonly title: string
  readonly danger: boolean
  readonly explain: (view: HostView) => ReactNode
  /** Says that there is nothing to do: it can only be cancelled then. */
  readonly isNeedless?: (view: HostView) => boolean
}

export const ksmActs: readonly KsmAct[] = [
  {
    id: 'stop',
    method: 'ksm/stop',
    label: 'Stop scanning',
    question: 'Stop scanning',
    title: 'KSM stopped scanning',
    danger: false,
    explain: (view) => (
      <>
        ksmd stops scanning. What is merged ({mergedOf(view)}) stays merged until a guest writes to it.
        Nothing new is merged, and ksmd spends no more CPU.
      </>
    ),
  },
  {
    id: 'unmerge',
    method: 'ksm/unmerge',
    label: 'Unmerge all',
    question: 'Unmerge all pages',
    title: 'All pages are unmerged',
    danger: true,
    explain: (view) => (
      <>
        Each guest gets its own copy of every merged page again. That needs {mergedOf(view)} of free memory at
        once; the helper first checks that it is there, and refuses otherwise. Available now:{' '}
        {view.latest ? formatBytes(view.latest.memory.availableBytes) : 'unknown'}.
      </>
    ),
  },
  {
    id: 'restore',
    method: 'ksm/restore',
    label: 'Restore settings',
    question: 'Restore the original KSM settings',
    title: 'KSM settings are restored',
    danger: false,
    isNeedless: ({ latest }) => latest?.ksm !== undefined && latest.ksm.journaledSince === undefined,
    explain: ({ latest }) =>
      latest?.ksm === undefined ? (
        <>
          Whether original settings are saved on this host is not known: its state of KSM was not read yet. If
          there are some, they are restored and their record is deleted; if not, nothing changes.
        </>
      ) : latest.ksm.journaledSince === undefined ? (
        <>
          No original settings are saved on this host: the workbench has not changed any, or has restored them
          already.
        </>
      ) : (
        <>
          Restores every KSM setting, and the merging of each guest that was switched, as saved at{' '}
          {formatMoment(latest.ksm.journaledSince)} before the first change, and deletes that record.
        </>
      ),
  },
]

function mergedOf({ latest }: HostView): string {
  return latest?.ksm ? formatBytes(latest.ksm.mergedBytes) : 'an unknown amount'
}
