// What a report is made of: hosts, range, chapters and format, to be exported now or kept as a template.
import { Button, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core'
import { IconBookmark, IconFileExport } from '@tabler/icons-react'
import { useState } from 'react'
import {
  type ReportChapter,
  type ReportFormat,
  reportChapters,
  reportFormat,
} from '../../shared/contract/index.ts'
import { type RangeId, rangeAt, ranges } from '../history/ranges.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { UnderWay } from '../ui/UnderWay.tsx'
import { chapterWords } from './chapter-words.ts'
import classes from './reports.module.css'
import type { Exports } from './use-exports.ts'
import type { Templates } from './use-templates.ts'

interface ReportFormProps {
  readonly data: readonly { readonly value: string; readonly label: string }[]
  readonly exports: Exports
  readonly templates: Templates
}

interface Draft {
  readonly hostIds: readonly string[]
  readonly rangeId: RangeId
  readonly format: ReportFormat
  readonly chapters: readonly ReportChapter[]
  readonly title: string
}

const firstDraft: Draft = { hostIds: [], rangeId: '7d', format: 'pdf', chapters: [], title: '' }
const chapterChoices = reportChapters.map((value) => ({ value, label: chapterWords[value] }))

export function ReportForm({ data, exports: { making, make, cancel }, templates }: ReportFormProps) {
  const [draft, setDraft] = useState(firstDraft)
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const wanted = draft.hostIds.length > 0 ? [...draft.hostIds] : data.map(({ value }) => value)
  return (
    <div className={classes.report}>
      <div className={classes.row}>
        <DraftFields data={data} draft={draft} change={change} />
        <ActButton
          icon={IconFileExport}
          filled
          busy={making !== undefined}
          refusal={wanted.length === 0 ? 'Add a host first.' : undefined}
          onClick={() =>
            make({
              hostIds: wanted,
              format: draft.format,
              ...rangeAt(draft.rangeId, workbenchNow()),
              ...optionalParts(draft),
            })
          }
          testId="report-make"
        >
          Export
        </ActButton>
      </div>
      {making && (
        <div className={classes.row}>
          <UnderWay {...making} onCancel={cancel} testId="report-progress" />
        </div>
      )}
      <SaveTemplate draft={draft} templates={templates} />
    </div>
  )
}

/** What is left empty is left to the report. */
function optionalParts({ title, chapters }: Draft) {
  const trimmed = title.trim()
  const ordered = reportChapters.filter((chapter) => chapters.includes(chapter))
  return {
    ...(trimmed !== '' && { title: trimmed }),
    ...(ordered.length > 0 && { chapters: ordered }),
  }
}

interface DraftFieldsProps {
  readonly data: ReportFormProps['data']
  readonly draft: Draft
  readonly change: (part: Partial<Draft>) => void
}

function DraftFields({ data, draft, change }: DraftFieldsProps) {
  return (
    <>
      <MultiSelect
        label="Hosts"
        {...(draft.hostIds.length === 0 && { placeholder: 'all' })}
        className={classes.field ?? ''}
        data={data}
        value={[...draft.hostIds]}
        onChange={(hostIds) => change({ hostIds })}
        searchable
        clearable
      />
      <MultiSelect
        label="Chapters"
        {...(draft.chapters.length === 0 && { placeholder: 'all' })}
        className={classes.field ?? ''}
        data={chapterChoices}
        value={[...draft.chapters]}
        onChange={(chapters) => change({ chapters: chapters as ReportChapter[] })}
        clearable
      />
      <TextInput
        label="Title"
        className={classes.field ?? ''}
        placeholder="Singleton Workbench report"
        value={draft.title}
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <Select
        label="Range"
        className={classes.range ?? ''}
        data={ranges.map(({ id, label }) => ({ value: id, label }))}
        value={draft.rangeId}
        onChange={(id) => id && change({ rangeId: id as RangeId })}
        allowDeselect={false}
      />
      <SegmentedControl
        size="xs"
        aria-label="Format"
        transitionDuration={0}
        data={reportFormat.options.map((value) => ({ value, label: value.toUpperCase() }))}
        value={draft.format}
        onChange={(format) => change({ format: format as ReportFormat })}
      />
    </>
  )
}

/** Range, format and chapters under a name. A template is of all hosts, or of those with a tag of its name. */
function SaveTemplate({ draft, templates }: { readonly draft: Draft; readonly templates: Templates }) {
  const [name, setName] = useState('')
  const [tag, setTag] = useState('')
  const { rangeId, format } = draft
  const { from, to } = rangeAt(rangeId, workbenchNow())
  const save = () => {
    templates.save({
      name: name.trim(),
      format,
      rangeMs: to - from,
      ...optionalParts(draft),
      ...(tag.trim() !== '' && { tag: tag.trim() }),
    })
    setName('')
  }
  return (
    <form
      className={`${classes.row} ${classes.template}`}
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') save()
      }}
    >
      <TextInput
        label="Save as a template"
        placeholder="Name"
        value={name}
        maxLength={64}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Of hosts tagged"
        placeholder="all"
        value={tag}
        onChange={(event) => setTag(event.currentTarget.value)}
      />
      <Button
        size="xs"
        type="submit"
        variant="default"
        disabled={name.trim() === ''}
        leftSection={<IconBookmark size={15} />}
      >
        Save
      </Button>
    </form>
  )
}
