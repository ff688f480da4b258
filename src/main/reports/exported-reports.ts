// reports.json: what was exported, so that it can be made again with newer figures. The documents themselves are not kept.
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  type ExportedReport,
  exportedReport,
  maxExportedReports,
  type ReportOrder,
} from '../../shared/contract/index.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'

const fileShape = z.object({ version: z.literal(1), reports: z.array(exportedReport) })

export interface ExportedReports {
  /** Newest first. A file that cannot be read is as good as none. */
  list(): Promise<ExportedReport[]>
  /** Rejects where it cannot be written. */
  addReport(order: ReportOrder, fileName: string): Promise<void>
}

/** Replaced by rename when written. */
export function openExportedReports(dataDirectory: string): ExportedReports {
  const path = join(dataDirectory, 'reports.json')
  const turns = new InTurn()
  const list = async () => {
    try {
      return fileShape.parse(JSON.parse(await readFile(path, 'utf8'))).reports
    } catch {
      return []
    }
  }
  return {
    list,
    addReport: (order, fileName) =>
      turns.run(async () => {
        const reports = [{ id: randomUUID(), at: wallClock(), fileName, order }, ...(await list())]
        const text = JSON.stringify({ version: 1, reports: reports.slice(0, maxExportedReports) }, null, 2)
        await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
        await writeFile(`${path}.part`, `${text}\n`, { mode: 0o600 })
        await rename(`${path}.part`, path)
      }),
  }
}
