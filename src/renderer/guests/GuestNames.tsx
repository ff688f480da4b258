import { linkTo } from '../model/route.ts'

interface GuestNamesProps {
  readonly hostId: string
  readonly names: readonly string[]
}

/** Guests by name, each a link to its page. */
export function GuestNames({ hostId, names }: GuestNamesProps) {
  return names.map((name, index) => (
    <span key={name}>
      {index > 0 && ', '}
      <a href={linkTo('guest', { hostId, item: name })}>{name}</a>
    </span>
  ))
}
