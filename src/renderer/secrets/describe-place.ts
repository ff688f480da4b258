// Where secrets lie, in plain words.
import type { SecretPlace } from '../../shared/contract/index.ts'

/** Pure. */
export function describePlace(place: SecretPlace): string {
  switch (place.state) {
    case 'offered':
      return `The workbench keeps only what you choose to keep, encrypted in the file secrets.json of the workbench’s data folder, with a key that ${place.place} holds. Anyone who uses your account on this machine while that is unlocked can read it.`
    case 'refused':
      return `Nothing can be kept on this system. ${place.reason} Each login asks again.`
    case 'none':
      return 'The workbench in a browser has no access to the system’s store of secrets and keeps nothing. Each login asks again. An SSH agent saves you most questions.'
  }
}
