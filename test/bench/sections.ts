// The benchmarks, in the order of the report.
import type { Section } from './section.ts'
import { snapshotSection } from './snapshot-section.ts'

export const sections: readonly Section[] = [snapshotSection]
