// The suite judges scrubbing: merged memory would change how much is left for the cache. The lab puts KSM back.
import { existsSync, writeFileSync } from 'node:fs'

const run = '/sys/kernel/mm/ksm/run'

export function keepKsmOff(): void {
  if (existsSync(run)) writeFileSync(run, '0')
}
