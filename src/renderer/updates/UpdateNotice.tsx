// One line while there is a newer version, until it is put away.
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { UpdateStatus } from '../../shared/contract/index.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { Notice } from '../ui/Notice.tsx'
import { useStoredText } from '../ui/use-setting.ts'

const lookEveryMs = 3_600_000

export function UpdateNotice() {
  const store = useStore()
  const isLinked = useFleet(({ link }) => link.state === 'open')
  const [status, setStatus] = useState<UpdateStatus>()
  const [putAway, setPutAway] = useStoredText('update-put-away')
  useEffect(() => {
    if (!isLinked) return
    // A notice that fails to come is no trouble worth a message.
    const look = () => void store.call('updates/status', {}).then(setStatus, () => undefined)
    look()
    const timer = setInterval(look, lookEveryMs)
    return () => clearInterval(timer)
  }, [isLinked, store])
  const newer = status?.newer
  if (!status || !newer || newer.version === putAway) return null
  return (
    <Notice
      tone="idle"
      title={`Version ${newer.version} of the workbench is available; this is version ${status.current}`}
      testId="update-notice"
      aside={
        <Button size="xs" variant="default" onClick={() => setPutAway(newer.version)}>
          Put away
        </Button>
      }
    >
      {newer.page}
    </Notice>
  )
}
