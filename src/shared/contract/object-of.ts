// Objects whose schemas are made late: a process parses few of the documents that its contracts name, and to make the
// schemas of all their fields was most of what a start of the helper cost.
import { z } from 'zod'

/** As `z.object`, but made when it is first parsed. For objects that no other schema extends or picks from. */
export function objectOf<T extends z.core.$ZodLooseShape>(fields: () => T) {
  return z.lazy(() => z.object(fields()))
}
