// resources/report.schema.json: the JSON Schema of the JSON report, made of the contract.
import { z } from 'zod'
import { report } from '../../src/shared/contract/reports.ts'

export function reportSchemaText(): string {
  const schema = z.toJSONSchema(report, { io: 'output' })
  const { $schema, ...rest } = schema
  const head = {
    $schema,
    title: 'Singleton Workbench report',
    description:
      'What `report --format json` writes. Fields that are absent were not measured; zero is zero.',
  }
  return `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`
}
