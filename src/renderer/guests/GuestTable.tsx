import { useMemo, useState } from 'react'
import { type HostView, shownTime } from '../../shared/contract/index.ts'
import { whyNoChange } from '../model/host-acts.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'
import { type GuestSubject, guestColumns } from './guest-columns.tsx'
import { guestLink } from './guest-link.ts'
import { guestRows } from './guest-rows.ts'
import { MergeDialog } from './MergeDialog.tsx'
import { guestOf, type MergeSwitch, whyNoSwitch } from './merge-switch.ts'

interface GuestTableProps {
  readonly view: HostView
  readonly subject: GuestSubject
}

export function GuestTable({ view, subject }: GuestTableProps) {
  const rows = useMemo(() => guestRows(view), [view])
  const [asked, setAsked] = useState<MergeSwitch>()
  const { send, switching } = useMergeRequests(view)
  const changingMode = useFleet((fleet) => fleet.switching.includes(view.host.id))
  const columns = useMemo(() => {
    const refusal = whyNoChange(view, changingMode)
    return guestColumns(subject, {
      linkOf: (row) => guestLink(view.host.id, row, rows),
      whyNot: (row) => whyNoSwitch(row, view, refusal),
      switching,
      onAsk: setAsked,
    })
  }, [view, subject, rows, changingMode, switching])
  const note = view.assessment ? `assessed ${formatMoment(shownTime(view.assessment))}` : 'not assessed yet'
  return (
    <Panel title="Guests" note={note} flush testId="guests">
      <DataTable
        label="Guests"
        rows={rows}
        columns={columns}
        fixed
        rowKey={({ pid }) => String(pid)}
        rowHeight={50}
        initialSort={{ id: 'name', desc: false }}
        empty={view.latest ? 'No guest runs on this host.' : 'No sample yet.'}
      />
      <MergeDialog view={view} asked={asked} onClose={() => setAsked(undefined)} onConfirm={send} />
    </Panel>
  )
}

/** One at a time: main lets a host have one heavy act. */
function useMergeRequests(view: HostView) {
  const store = useStore()
  const { busy, run } = useAct()
  const [pid, setPid] = useState<number>()
  const send = ({ row, merge }: MergeSwitch) => {
    setPid(row.pid)
    run(`Switch merging of ${row.name}`, async () => {
      const guest = guestOf(row, view)
      const { before, after, via } = await store.call('ksm/merge', { hostId: view.host.id, guest, merge })
      toastResult(
        `Merging of ${row.name} is ${after}`,
        before === after
          ? `It was ${before} already.`
          : `It was ${before}; switched through ${via}. KSM → Restore settings puts it back.`,
      )
    })
  }
  return { send, switching: busy ? pid : undefined }
}
