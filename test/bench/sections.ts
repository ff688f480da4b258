// The benchmarks, in the order of the report.
import { densitySection } from './density/density-section.ts'
import { experimentSection } from './experiment/experiment-section.ts'
import { ksmSection } from './ksm-section.ts'
import { realSuiteSection } from './real/real-suite-section.ts'
import { scrubSection } from './scrub-section.ts'
import type { Section } from './section.ts'
import { largeSection, realSection } from './size-sections.ts'
import { snapshotSection } from './snapshot-section.ts'
import { startUpSection } from './start-up-section.ts'
import { suiteSection } from './suite/suite-section.ts'
import { workbenchSection } from './workbench/workbench-section.ts'

export const sections: readonly Section[] = [
  snapshotSection,
  scrubSection,
  ksmSection,
  suiteSection,
  largeSection,
  realSection,
  realSuiteSection,
  workbenchSection,
  startUpSection,
  densitySection,
  experimentSection,
]

/** All parts of the report, in its order: those of `npm run bench`, then those of `npm run soak`. */
export const reportParts: readonly string[] = [
  ...sections.map(({ name }) => name),
  'soak',
  'soak-real',
  'soak-large',
]
