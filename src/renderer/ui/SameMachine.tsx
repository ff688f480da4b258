import { firstOnSameMachine } from '../../shared/figures/one-machine.ts'
import { useFleet } from '../store/use-fleet.ts'
import tag from './tag.module.css'

/** Says that a host is one kernel with a host before it in the list; nothing where it is not. */
export function SameMachine({ hostId }: { readonly hostId: string }) {
  const name = useFleet(({ hosts = [] }) => {
    const view = hosts.find(({ host }) => host.id === hostId)
    return view && firstOnSameMachine(hosts, view)?.host.name
  })
  if (name === undefined) return null
  return (
    <span
      className={`${tag.tag} clip`}
      data-testid="same-machine"
      title="Both run on the same kernel. Memory, merged pages and ksmd belong to the whole machine, and totals count them once."
    >
      same machine as {name}
    </span>
  )
}
