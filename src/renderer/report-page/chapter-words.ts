import type { ReportChapter } from '../../shared/contract/index.ts'

/** Chapters of a report as people choose them. */
export const chapterWords: Readonly<Record<ReportChapter, string>> = {
  won: 'What was won',
  comparison: 'Comparison',
  experiments: 'Experiments',
  capacity: 'Capacity',
  hosts: 'Each host',
  method: 'Method',
}
