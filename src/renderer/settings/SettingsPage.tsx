// Where a newcomer finds what is kept where and for how long, and all that can be chosen.
import { SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { linkTo } from '../model/route.ts'
import { KeptSecrets } from '../secrets/KeptSecretsDialog.tsx'
import { Panel } from '../ui/Panel.tsx'
import { Updates } from '../updates/UpdatesDialog.tsx'
import { KeptDataPanels } from './KeptDataPanels.tsx'
import { KeysSwitch } from './KeysSwitch.tsx'
import { NotifyForm } from './NotifyForm.tsx'
import { useNotifySettings } from './notify-settings.ts'
import classes from './settings.module.css'

export function SettingsPage() {
  const [notify, changeNotify] = useNotifySettings()
  return (
    <main className="page" data-testid="settings-page">
      <h1 className="page-title">Settings</h1>
      <div className={classes.columns}>
        <div className={classes.column}>
          <Panel title="Appearance" note="for every page and every start">
            <Appearance />
          </Panel>
          <Panel title="Notifications" testId="settings-notify">
            <NotifyForm settings={notify} onChange={changeNotify} />
          </Panel>
          <Panel title="Keys" note="press ? for the list">
            <KeysSwitch />
          </Panel>
          <Panel title="Newer versions">
            <Updates />
          </Panel>
          <Panel title="Kept passwords">
            <KeptSecrets />
          </Panel>
        </div>
        <div className={classes.column}>
          <KeptDataPanels />
          <Panel title="Kept on each host">
            <p className={classes.words}>
              The helper keeps the original KSM settings until they are restored, and an audit of changes that
              is only appended to: both in <code>/var/lib/singleton-helper</code>. Its program is in{' '}
              <code>~/.cache/singleton-workbench</code> of the login, and “Uninstall…” on the page of the host
              removes it. Guests’ content stays on the host: counts of bytes and pages leave it, and for a
              forecast, after a question, salted hashes.
            </p>
            <p className={classes.words}>
              What it may change is set for each host: <a href={linkTo('fleet')}>Fleet</a>. What was changed:{' '}
              <a href={linkTo('audit')}>Audit</a>. The words: <a href={linkTo('glossary')}>Glossary</a>.
            </p>
          </Panel>
        </div>
      </div>
    </main>
  )
}

function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl
      size="xs"
      aria-label="Appearance"
      transitionDuration={0}
      data={[
        { value: 'auto', label: 'As the system' },
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
      ]}
      value={colorScheme}
      onChange={setColorScheme}
    />
  )
}
