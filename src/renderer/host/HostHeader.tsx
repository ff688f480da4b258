import { Button } from '@mantine/core'
import type { HostView } from '../../shared/contract/index.ts'
import { useStore } from '../store/use-fleet.ts'
import { useAct } from '../ui/use-act.ts'
import { ModeSwitch } from './ModeSwitch.tsx'
import { StateBadge } from './StateBadge.tsx'

export function HostHeader({ view }: { readonly view: HostView }) {
  const store = useStore()
  const { busy, run } = useAct()
  const { host, hello, connection } = view
  const wanted = connection.state !== 'disconnected'
  const toggle = () =>
    run(wanted ? 'Disconnect' : 'Connect', () =>
      store.call(wanted ? 'hosts/disconnect' : 'hosts/connect', { hostId: host.id }),
    )
  return (
    <header style={{ display: 'flex', gap: 20, alignItems: 'center', flexWrap: 'wrap' }}>
      <div style={{ minWidth: 0 }}>
        <h1 style={{ fontSize: 20, letterSpacing: '-0.01em' }}>{host.name}</h1>
        <div className="cell-sub" data-testid="host-about">
          {[
            hello && hello.host.hostname !== host.name && hello.host.hostname,
            host.address !== host.name && host.address,
            hello && `Linux ${hello.host.kernel}`,
            hello && `helper ${hello.version}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      <StateBadge view={view} />
      <span className="spacer" />
      <ModeSwitch view={view} />
      <Button size="xs" variant="default" loading={busy && !wanted} onClick={toggle}>
        {wanted ? 'Disconnect' : 'Connect'}
      </Button>
    </header>
  )
}
