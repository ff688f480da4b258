// Tells trouble of hosts when it begins: in the workbench, and outside of its window where that was asked for.
import { ActionIcon, Indicator, Popover, Tooltip } from '@mantine/core'
import { IconBell, IconBellOff } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { isQuiet, type NotifySettings } from '../model/quiet-hours.ts'
import { hostLink, open } from '../model/route.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { mayNotify, NotifyForm } from '../settings/NotifyForm.tsx'
import { useNotifySettings } from '../settings/notify-settings.ts'
import { useFleet } from '../store/use-fleet.ts'
import { toastNews } from '../ui/toasts.ts'
import { useNow } from '../ui/use-now.ts'
import { type KnownTrouble, newTrouble, type Trouble, troubleOf } from './new-trouble.ts'

/** Of many hosts that go down together, a few are named. */
const maxNamed = 3

export function TroubleWatch() {
  const [settings, change] = useNotifySettings()
  const count = useTroubleTold(settings)
  const quiet = isQuiet(settings, useNow())
  const [opened, setOpened] = useState(false)
  const Icon = quiet ? IconBellOff : IconBell
  const label = `${count} ${count === 1 ? 'trouble' : 'troubles'}, ${quiet ? 'quiet hours' : 'new ones are announced'}`
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus>
      <Popover.Target>
        <Tooltip label={label} disabled={opened}>
          <Indicator disabled={count === 0} color="red.8" size={14} offset={4} label={count} inline>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Notifications: ${label}`}
              data-testid="notifications"
              onClick={() => setOpened(!opened)}
            >
              <Icon size={17} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown w={280} aria-label="Notifications">
        <NotifyForm settings={settings} onChange={change} />
      </Popover.Dropdown>
    </Popover>
  )
}

/** How many troubles there are now; new ones are told. */
function useTroubleTold(settings: NotifySettings): number {
  const views = useFleet(({ hosts }) => hosts)
  const before = useRef<KnownTrouble>(undefined)
  const chosen = useRef(settings)
  chosen.current = settings
  const [count, setCount] = useState(0)
  useEffect(() => {
    if (!views) return
    const now = troubleOf(views, before.current)
    const news = newTrouble(before.current, now)
    before.current = now
    setCount(now.size)
    if (news.length > 0 && !isQuiet(chosen.current, workbenchNow())) tell(news, chosen.current.desktop)
  }, [views])
  return count
}

function tell(news: readonly Trouble[], onDesktop: boolean): void {
  const [first] = news
  if (!first) return
  const title =
    news.length === 1 ? `${first.name}: ${first.need.title}` : `${news.length} hosts need attention`
  const named = news.slice(0, maxNamed).map(({ name, need }) => `${name}: ${need.title}`)
  const text = news.length === 1 ? first.need.reason : named.join('. ')
  toastNews(title, text)
  if (!onDesktop || !mayNotify()) return
  const shown = new Notification(title, { body: text, tag: title })
  shown.onclick = () => {
    window.focus()
    if (news.length === 1) open(hostLink(first.hostId, first.need.tab))
  }
}
