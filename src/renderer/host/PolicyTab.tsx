import { PolicyPanel } from '../policies/PolicyPanel.tsx'
import type { HostTabProps } from './tab-props.ts'

export function PolicyTab({ view }: HostTabProps) {
  return <PolicyPanel view={view} />
}
