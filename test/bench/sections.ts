// The benchmarks, in the order of the report.
import { ksmSection } from './ksm-section.ts'
import type { Section } from './section.ts'
import { snapshotSection } from './snapshot-section.ts'

export const sections: readonly Section[] = [snapshotSection, ksmSection]
