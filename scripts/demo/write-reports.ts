// Writes the demo's report in all three formats.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workbench } from '../../src/main/workbench.ts'
import type { DemoHost } from './demo-stages.ts'

export async function writeReports(
  { handlers }: Workbench,
  hosts: readonly DemoHost[],
  directory: string,
): Promise<string[]> {
  const context = { signal: new AbortController().signal, reportProgress: () => undefined }
  const hostIds = hosts.map(({ id }) => id)
  return Promise.all(
    (['html', 'json', 'csv'] as const).map(async (format) => {
      const { content } = await handlers['reports/build']({ hostIds, format }, context)
      const path = join(directory, `report.${format}`)
      writeFileSync(path, content)
      return path
    }),
  )
}
