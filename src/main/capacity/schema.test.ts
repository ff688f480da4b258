import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { capacitySchemaText } from '../../../scripts/house/report-schema.ts'

describe('resources/capacity.schema.json', () => {
  it('is what the contract says', () => {
    const path = join(import.meta.dirname, '../../../resources/capacity.schema.json')
    expect(readFileSync(path, 'utf8')).toBe(capacitySchemaText())
  })
})
