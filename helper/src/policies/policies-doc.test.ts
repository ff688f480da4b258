import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ScrubPolicy, scrubPolicySchema } from '../../../src/shared/contract/policies.ts'
import { defaultPolicy, parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'

const text = readFileSync(new URL('../../../docs/policies.md', import.meta.url), 'utf8')
const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
const rows = text.split('\n').filter((line) => line.startsWith('| `'))

const modes = scrubPolicySchema().options.map(({ shape }) => shape.mode.value)
/** Keys without a default. */
const required: Partial<Record<ScrubPolicy['mode'], object>> = { reclaim: { target: { cacheBytes: 0 } } }

function scrubOf(scrub: Record<string, unknown>): ScrubPolicy {
  return parsePolicyFile(JSON.stringify({ scrub })).scrub
}

/** The rows of a key, which may have several where its default depends on the mode. */
function rowsOf(key: string): string[] {
  return rows.filter((row) => row.startsWith(`| \`${key}\` |`))
}

describe('docs/policies.md', () => {
  it('shows examples that parse', () => {
    expect(examples.length).toBeGreaterThanOrEqual(5)
    for (const example of examples) expect(() => parsePolicyFile(example)).not.toThrow()
  })

  it.each(modes)('has a row for the mode %s', (mode) => {
    expect(rows.filter((row) => row.startsWith(`| \`${mode}\` |`))).toHaveLength(1)
  })

  it.each<readonly [string, object]>([
    ...modes.map((mode) => [mode, scrubOf({ mode, ...required[mode] })] as const),
    ['guards', defaultPolicy().scrub.guards],
    ['ksm', defaultPolicy().ksm],
  ])('names every key of %s with its default', (section, values) => {
    for (const [key, value] of Object.entries(values)) {
      const found = rowsOf(key)
      expect(found, `${section}.${key}`).not.toHaveLength(0)
      if (key === 'mode' || key === 'target' || key === 'guards') continue
      expect(found.join('\n'), `${section}.${key}`).toContain(`\`${JSON.stringify(value)}\``)
    }
  })
})
