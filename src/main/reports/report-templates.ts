// report-templates.json: reports that are made again and again, beside those that come with the workbench.
import { join } from 'node:path'
import { z } from 'zod'
import {
  type ListedTemplate,
  maxReportTemplates,
  type ReportTemplate,
  reportTemplate,
} from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import { readStateText, writeStateFile } from '../state-files/state-file.ts'

const fileShape = z.object({
  version: z.literal(1),
  templates: z.array(reportTemplate).max(maxReportTemplates),
})

const dayMs = 86_400_000
const comesAlong: readonly ReportTemplate[] = [
  {
    name: 'For decision makers',
    title: 'Memory given back',
    format: 'pdf',
    rangeMs: 30 * dayMs,
    chapters: ['won', 'experiments'],
  },
  { name: 'For reviewers', title: 'Memory, measured', format: 'html', rangeMs: 7 * dayMs },
  {
    name: 'Comparison of hosts',
    title: 'Hosts compared',
    format: 'pdf',
    rangeMs: 7 * dayMs,
    compared: { metric: 'mergedBytes', per: 'gib' },
    chapters: ['comparison', 'method'],
  },
]

export interface ReportTemplates {
  /** The person's own first, by name. Rejects where the file cannot be read or is damaged: it is left as it is. */
  list(): Promise<ListedTemplate[]>
  /** Replaces the one of the same name. Rejects where it cannot be written. */
  save(template: ReportTemplate): Promise<ListedTemplate[]>
  /** Throws `not-found` for one that is not the person's own. */
  remove(name: string): Promise<ListedTemplate[]>
}

/** Replaced by rename when written. */
export function openReportTemplates(dataDirectory: string): ReportTemplates {
  const path = join(dataDirectory, 'report-templates.json')
  const turns = new InTurn()
  const edit = (name: string, change: (own: readonly ReportTemplate[]) => readonly ReportTemplate[]) =>
    turns.run(async () => {
      const own = change((await readOwn(path)).filter((one) => one.name !== name))
      await writeStateFile(path, fileShape, { version: 1, templates: [...own] })
      return listed(own)
    })
  const list = () => turns.run(async () => listed(await readOwn(path)))
  return {
    list,
    save: (template) =>
      edit(template.name, (others) => {
        if (others.length === maxReportTemplates)
          throw new Problem('bad-input', `cannot keep more than ${maxReportTemplates} templates of reports`)
        return [...others, template]
      }),
    remove: async (name) => {
      if (!(await list()).some((one) => one.name === name && !one.builtIn)) throw missing(name)
      return edit(name, (others) => others)
    },
  }
}

function missing(name: string): Problem {
  return new Problem('not-found', `cannot find a template of reports named "${name}"`)
}

function listed(own: readonly ReportTemplate[]): ListedTemplate[] {
  const names = new Set(own.map(({ name }) => name))
  return [
    ...own.toSorted((a, b) => a.name.localeCompare(b.name, 'en')).map((one) => ({ ...one, builtIn: false })),
    ...comesAlong.filter(({ name }) => !names.has(name)).map((one) => ({ ...one, builtIn: true })),
  ]
}

async function readOwn(path: string): Promise<readonly ReportTemplate[]> {
  try {
    const text = await readStateText(path)
    return text === undefined ? [] : fileShape.parse(JSON.parse(text)).templates
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : asProblem(error).message
    throw new Problem('bad-input', `cannot use ${path}: ${reason}`.slice(0, 1000), {
      remedy: 'Repair the file, or move it away: only templates that were saved are in it.',
      cause: error,
    })
  }
}
