import { ActionIcon, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconChevronDown, IconDeviceDesktop, IconMoon, IconSettings, IconSun } from '@tabler/icons-react'
import { describeState } from '../model/host-state.ts'
import { entryOf, type HostTab, hostTabs, topPages } from '../model/page-table.ts'
import { hostLink, linkTo, type Route } from '../model/route.ts'
import { useFleet } from '../store/use-fleet.ts'
import state from '../ui/state.module.css'
import { HelpMenu } from './HelpMenu.tsx'
import classes from './TopBar.module.css'
import { TroubleWatch } from './TroubleWatch.tsx'

interface TopBarProps {
  readonly route: Route
  readonly onKeys: () => void
}

export function TopBar({ route, onKeys }: TopBarProps) {
  const running = useFleet(({ hosts }) => hosts?.reduce((sum, view) => sum + view.tasks.length, 0) ?? 0)
  return (
    <header className={classes.topBar}>
      <a className={classes.brand} href={linkTo('fleet')}>
        <img src="./icon.svg" alt="" width={20} height={20} />
        Singleton Workbench
      </a>
      <nav aria-label="Pages" className={classes.pages}>
        {topPages.map((page) => (
          <PageLink key={page} href={linkTo(page)} current={page === route.page}>
            {entryOf(page).title}
          </PageLink>
        ))}
      </nav>
      {route.hostId !== '' && <HostCrumb route={route} />}
      <span className="spacer" />
      {running > 0 && (
        <span className={state.state} data-tone="busy">
          {running} {running === 1 ? 'task' : 'tasks'} running
        </span>
      )}
      <TroubleWatch />
      <HelpMenu onKeys={onKeys} />
      <SettingsLink current={route.page === 'settings'} />
      <SchemeToggle />
    </header>
  )
}

interface PageLinkProps {
  readonly href: string
  readonly current: boolean
  readonly children: string
}

function PageLink({ href, current, children }: PageLinkProps) {
  return (
    <a href={href} className={classes.pageLink} {...(current && { 'aria-current': 'page' })}>
      {children}
    </a>
  )
}

function HostCrumb({ route }: { readonly route: Route }) {
  return (
    <>
      <span className={classes.crumb} aria-hidden>
        /
      </span>
      <HostSwitch route={route} />
    </>
  )
}

/** Leads to the same tab of another host. */
function HostSwitch({ route: { hostId, page } }: { readonly route: Route }) {
  const name = useHostName(hostId) ?? 'unknown host'
  const tab: HostTab = hostTabs.find((id) => id === page) ?? 'hostOverview'
  return (
    <Menu position="bottom-start" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className={classes.hostSwitch} aria-label={`Host ${name}, switch to another`}>
          {name}
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={400} className={classes.hostMenu}>
        <HostItems tab={tab} />
      </Menu.Dropdown>
    </Menu>
  )
}

function useHostName(hostId: string): string | undefined {
  return useFleet(({ hosts }) => hosts?.find(({ host }) => host.id === hostId)?.host.name)
}

/** Drawn while the menu is open only. */
function HostItems({ tab }: { readonly tab: HostTab }) {
  const hosts = useFleet((fleet) => fleet.hosts) ?? []
  return hosts.map((view) => (
    <Menu.Item
      key={view.host.id}
      component="a"
      href={hostLink(view.host.id, tab)}
      rightSection={
        <span className={state.state} data-tone={describeState(view).tone}>
          {describeState(view).label}
        </span>
      }
    >
      {view.host.name}
    </Menu.Item>
  ))
}

function SettingsLink({ current }: { readonly current: boolean }) {
  return (
    <Tooltip label="Settings, and what is kept where">
      <ActionIcon
        component="a"
        href={linkTo('settings')}
        variant="subtle"
        color="gray"
        aria-label="Settings"
        data-testid="settings"
        {...(current && { 'aria-current': 'page' as const })}
      >
        <IconSettings size={17} />
      </ActionIcon>
    </Tooltip>
  )
}

const schemes = {
  auto: { next: 'light', label: 'Colours follow the system', Icon: IconDeviceDesktop },
  light: { next: 'dark', label: 'Light colours', Icon: IconSun },
  dark: { next: 'auto', label: 'Dark colours', Icon: IconMoon },
} as const

function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const shown = useComputedColorScheme('light')
  const { next, label, Icon } = schemes[colorScheme]
  return (
    <Tooltip label={`${label}${colorScheme === 'auto' ? ` (${shown} now)` : ''}. Click to change.`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`${label}; change to ${next === 'auto' ? 'the system’s' : next}`}
        data-testid="scheme-toggle"
        onClick={() => setColorScheme(next)}
      >
        <Icon size={17} />
      </ActionIcon>
    </Tooltip>
  )
}
