// Writes the demo's report and its experiment in three formats each.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workbench } from '../../src/main/workbench.ts'
import type { DemoHost } from './demo-stages.ts'

export async function writeReports(
  { handlers }: Workbench,
  hosts: readonly DemoHost[],
  { directory, experimentId }: { readonly directory: string; readonly experimentId: string | undefined },
): Promise<string[]> {
  const context = { signal: new AbortController().signal, reportProgress: () => undefined }
  const hostIds = hosts.map(({ id }) => id)
  const reports = await Promise.all(
    (['html', 'json', 'csv'] as const).map(async (format) => {
      const { content } = await handlers['reports/build']({ hostIds, format }, context)
      const path = join(directory, `report.${format}`)
      writeFileSync(path, content)
      return path
    }),
  )
  if (experimentId === undefined) return reports
  const experiments = await Promise.all(
    (['html', 'json', 'csv'] as const).map(async (format) => {
      const { content } = await handlers['experiments/export']({ id: experimentId, format }, context)
      const path = join(directory, `experiment.${format}`)
      writeFileSync(path, content)
      return path
    }),
  )
  return [...reports, ...experiments]
}
