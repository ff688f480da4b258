// What each stage of a connection is called on screen.
import type { ConnectionStage } from '../../shared/contract/index.ts'

export const stageTitles: Readonly<Record<ConnectionStage, string>> = {
  configuration: 'SSH configuration',
  resolve: 'Look up the name',
  tcp: 'TCP connection',
  greeting: 'SSH version',
  'host-key': 'Host key',
  login: 'Login',
  machine: 'Kind of machine',
  root: 'Root on the host',
  helper: 'Helper',
  capabilities: 'Capabilities',
  sample: 'First reading',
}
