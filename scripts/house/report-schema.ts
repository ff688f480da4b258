// The JSON Schemas of the JSON report, of an exported experiment and of capacity in resources/, made of the contract.
import { z } from 'zod'
import { capacity } from '../../src/shared/contract/capacity.ts'
import { experimentDocument } from '../../src/shared/contract/experiments.ts'
import { report } from '../../src/shared/contract/reports.ts'

export function reportSchemaText(): string {
  return schemaText(report, {
    title: 'Singleton Workbench report',
    description:
      'What `report --format json` writes. Fields that are absent were not measured; zero is zero.',
  })
}

export function experimentSchemaText(): string {
  return schemaText(experimentDocument, {
    title: 'Singleton Workbench experiment',
    description:
      'What `experiment run --json` and `--out FILE.json` write. Ratios are the second arm over the first; fields that are absent were not reported.',
  })
}

export function capacitySchemaText(): string {
  return schemaText(capacity, {
    title: 'Singleton Workbench capacity',
    description:
      'What `capacity --json` prints for each host, beside its "address". A figure is known within an interval, or says why it is not known or what keeps it from being limited.',
  })
}

function schemaText(of: z.ZodType, head: { readonly title: string; readonly description: string }): string {
  const { $schema, ...rest } = z.toJSONSchema(of, { io: 'output' })
  return `${JSON.stringify({ $schema, ...head, ...rest }, null, 2)}\n`
}
