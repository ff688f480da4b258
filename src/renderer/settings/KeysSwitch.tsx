import { Switch } from '@mantine/core'
import { useSetting } from '../ui/use-setting.ts'

/** Whether single keys open pages: they are in the way of some screen readers and speech input. */
export function KeysSwitch() {
  const [isOff, setOff] = useSetting('keys-off')
  return (
    <Switch
      size="xs"
      label="Single keys open pages"
      checked={!isOff}
      onChange={(event) => setOff(!event.currentTarget.checked)}
    />
  )
}
