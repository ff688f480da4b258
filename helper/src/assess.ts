// Assess: measures what a host could give back, and changes nothing.
import type { Assessment } from '../../src/shared/contract/assessment.ts'
import { Problem } from '../../src/shared/problem.ts'
import type { ScanOptions } from './scan-options.ts'

export async function assess(_options: ScanOptions): Promise<Assessment> {
  throw new Problem('not-supported', 'cannot assess: not built yet')
}
