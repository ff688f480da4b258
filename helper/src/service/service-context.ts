// What both commands of the unit begin with: `service run`, and `service restore` once that has ended.
import type { ChangeContext } from '../changes/change.ts'
import { stateFolders } from '../changes/state-folders.ts'
import { serviceUnit } from '../govern/policy-engine.ts'
import { liveKernel } from '../kernel/kernel-root.ts'
import { type Journal, journalLines } from './journal-lines.ts'
import { type ServicePlaces, servicePlaces } from './places.ts'

export interface ServiceContext {
  readonly context: ChangeContext
  readonly journal: Journal
  readonly places: ServicePlaces
}

/** This host as the unit changes it. Warnings of changes go to the journal, whose lines `write` takes. Needs no privilege. */
export function serviceContext(
  write: (text: string) => void,
  environment: Readonly<Record<string, string | undefined>>,
): ServiceContext {
  const journal = journalLines(write, environment)
  const places = servicePlaces(stateFolders(environment), environment)
  const context: ChangeContext = {
    root: liveKernel,
    folders: places.folders,
    actor: { who: serviceUnit, from: 'local' },
    log: (line) => journal.warning(line),
  }
  return { context, journal, places }
}
