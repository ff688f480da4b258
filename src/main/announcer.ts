// Tells every subscriber (a tab, a window, the CLI) what changed.
import type { z } from 'zod'
import type { DesktopNotifications } from '../shared/contract/index.ts'

export type NotificationName = keyof DesktopNotifications & string
export type NotificationValue<K extends NotificationName> = z.infer<DesktopNotifications[K]>
export type Announce = <K extends NotificationName>(name: K, value: NotificationValue<K>) => void

export class Announcer {
  readonly #listeners = new Set<Announce>()

  readonly announce: Announce = (name, value) => {
    for (const listener of this.#listeners) listener(name, value)
  }

  /** Returns the way to stop listening. A listener must not throw. */
  subscribe(listener: Announce): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
