import { IconFileExport, IconTrash } from '@tabler/icons-react'
import { useMemo } from 'react'
import { type ListedTemplate, reportChapters } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { useFleet } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Awaited } from '../ui/Awaited.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { chapterWords } from './chapter-words.ts'
import { describeRange } from './describe-range.ts'
import type { Exports } from './use-exports.ts'
import type { Templates } from './use-templates.ts'

interface TemplateTableProps {
  readonly templates: Templates
  readonly exports: Exports
}

/** Reports to be made again and again, with one click each. */
export function TemplateTable({ templates: { listed, remove }, exports }: TemplateTableProps) {
  const views = useFleet(({ hosts }) => hosts)
  const columns = useMemo(() => {
    const hostIdsOf = (tag: string | undefined) =>
      (views ?? [])
        .filter(({ host }) => tag === undefined || host.tags.includes(tag))
        .map(({ host }) => host.id)
    return columnsFor({ hostIdsOf, exports, remove })
  }, [views, exports, remove])
  return (
    <Panel title="Templates" note="also for the command line: report --template NAME" flush>
      <Awaited answer={listed} attempt="List the templates" reading="the templates">
        {(rows) => (
          <DataTable
            label="Templates of reports"
            rows={rows}
            columns={columns}
            rowKey={({ name }) => name}
            empty="No template has been saved yet."
            testId="report-templates"
          />
        )}
      </Awaited>
    </Panel>
  )
}

interface TemplateActs {
  readonly hostIdsOf: (tag: string | undefined) => string[]
  readonly exports: Exports
  readonly remove: (name: string) => void
}

function columnsFor({ hostIdsOf, exports, remove }: TemplateActs): TableColumn<ListedTemplate>[] {
  const { making, make } = exports
  const order = ({ tag, rangeMs, format, title, chapters, compared }: ListedTemplate) => {
    const to = workbenchNow()
    const optional = withValue({ title, chapters, compared })
    return { hostIds: hostIdsOf(tag), format, from: to - rangeMs, to, ...optional }
  }
  return [
    { id: 'name', title: 'Template', cell: ({ name }) => <b>{name}</b> },
    { id: 'title', title: 'Title', cell: ({ title }) => title ?? 'Singleton Workbench report' },
    {
      id: 'hosts',
      title: 'Hosts',
      cell: ({ tag }) => (tag === undefined ? 'all' : `those tagged ${tag}`),
    },
    { id: 'range', title: 'Range', cell: ({ rangeMs }) => `last ${describeRange(rangeMs)}` },
    { id: 'format', title: 'Format', cell: ({ format }) => format.toUpperCase() },
    {
      id: 'chapters',
      title: 'Chapters',
      cell: ({ chapters }) =>
        chapters === undefined || chapters.length === reportChapters.length
          ? 'all'
          : chapters.map((chapter) => chapterWords[chapter]).join(', '),
    },
    {
      id: 'acts',
      title: 'Make it',
      cell: (template) => (
        <>
          <ActButton
            icon={IconFileExport}
            busy={making !== undefined}
            refusal={hostIdsOf(template.tag).length === 0 ? 'No host has this tag.' : undefined}
            onClick={() => make(order(template))}
            testId={`template-make-${template.name}`}
          >
            Export
          </ActButton>{' '}
          {!template.builtIn && (
            <ActButton
              icon={IconTrash}
              busy={false}
              refusal={undefined}
              onClick={() => remove(template.name)}
              testId={`template-remove-${template.name}`}
            >
              Remove
            </ActButton>
          )}
        </>
      ),
    },
  ]
}
