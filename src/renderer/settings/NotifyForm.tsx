// What of new trouble is told, where and when.
import { Stack, Switch, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { NotifySettings } from '../model/quiet-hours.ts'

/** Whether this browser lets the page tell something outside of its window. */
export function mayNotify(): boolean {
  return 'Notification' in window && Notification.permission === 'granted'
}

interface NotifyFormProps {
  readonly settings: NotifySettings
  readonly onChange: (change: Partial<NotifySettings>) => void
}

export function NotifyForm({ settings, onChange }: NotifyFormProps) {
  const [refused, setRefused] = useState(false)
  const setDesktop = (desktop: boolean) => {
    if (!desktop || !('Notification' in window)) {
      setRefused(desktop)
      onChange({ desktop: false })
      return
    }
    void Notification.requestPermission().then((answer) => {
      setRefused(answer !== 'granted')
      onChange({ desktop: answer === 'granted' })
    })
  }
  return (
    <Stack gap="xs">
      <Text size="sm">
        A notice appears when a host goes down, changes its key, runs short of memory or is left scanning.
      </Text>
      <Switch
        size="xs"
        label="On the desktop as well"
        // It is kept for every page, and each browser has to allow it for itself.
        checked={settings.desktop && mayNotify()}
        {...(refused && { error: 'The browser does not allow it for this address.' })}
        onChange={(event) => setDesktop(event.currentTarget.checked)}
      />
      <TextInput
        size="xs"
        type="time"
        label="Quiet from"
        value={settings.quietFrom}
        onChange={(event) => event.currentTarget.value && onChange({ quietFrom: event.currentTarget.value })}
      />
      <TextInput
        size="xs"
        type="time"
        label="Quiet until"
        description="With equal times no hour is quiet. Trouble always shows on the fleet page."
        value={settings.quietTo}
        onChange={(event) => event.currentTarget.value && onChange({ quietTo: event.currentTarget.value })}
      />
    </Stack>
  )
}
