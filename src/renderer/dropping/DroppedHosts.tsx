// A dropped list of hosts, in the dialog that adds them.

import { useState } from 'react'
import { AddHostDialog, type AddWay } from '../add-hosts/AddHostDialog.tsx'

interface DroppedHostsProps {
  readonly text: string
  readonly onClose: () => void
}

export function DroppedHosts({ text, onClose }: DroppedHostsProps) {
  const [way, setWay] = useState<AddWay>('import')
  return (
    <AddHostDialog
      way={way}
      importText={text}
      onWay={(next) => (next === undefined ? onClose() : setWay(next))}
    />
  )
}
