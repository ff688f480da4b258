// What the words and the figures on the screens mean.
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { metricNames, metrics } from '../../shared/contract/index.ts'
import { metricTitle } from '../../shared/figures/metric-title.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { parseGlossary, type Word } from './parse-glossary.ts'

const words = parseGlossary(glossaryText)

interface DescribedFigure extends Word {
  readonly error: string
}

const figures: readonly DescribedFigure[] = metricNames.map((name) => ({
  word: metricTitle(name),
  meaning: metrics[name].source,
  error: metrics[name].error,
}))

const columns: readonly TableColumn<Word>[] = [
  {
    id: 'word',
    title: 'Word',
    width: '26%',
    sortBy: ({ word }) => word,
    cell: ({ word }) => <b>{word}</b>,
  },
  { id: 'meaning', title: 'Meaning', cell: ({ meaning }) => meaning },
]

const figureColumns: readonly TableColumn<DescribedFigure>[] = [
  {
    id: 'word',
    title: 'Figure',
    width: '20%',
    sortBy: ({ word }) => word,
    cell: ({ word }) => <b>{word}</b>,
  },
  { id: 'meaning', title: 'What it is, and its source', width: '44%', cell: ({ meaning }) => meaning },
  { id: 'error', title: 'Error', cell: ({ error }) => error },
]

export function GlossaryPage() {
  const [text, setText] = useState('')
  const shown = useMemo(() => matching(words, text), [text])
  const shownFigures = useMemo(() => matching(figures, text), [text])
  return (
    <main className="page" data-testid="glossary-page">
      <h1 className="sr-only">Glossary</h1>
      <Panel
        title="Words"
        note="one word, one meaning, on every screen and in every document"
        aside={
          <TextInput
            size="xs"
            w={220}
            aria-label="Filter the glossary"
            placeholder="Filter"
            leftSection={<IconSearch size={14} />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        }
        flush
        testId="words"
      >
        <DataTable
          label="Words"
          rows={shown}
          columns={columns}
          fixed
          rowKey={({ word }) => word}
          empty="No word matches."
        />
      </Panel>
      <Panel
        title="Figures over time"
        note="where each figure of the charts comes from, and how far off it may be"
        flush
        testId="figures"
      >
        <DataTable
          label="Figures over time"
          rows={shownFigures}
          columns={figureColumns}
          fixed
          rowKey={({ word }) => word}
          empty="No figure matches."
        />
      </Panel>
    </main>
  )
}

function matching<W extends Word>(list: readonly W[], text: string): readonly W[] {
  const wanted = text.toLowerCase()
  return list.filter(({ word, meaning }) => `${word} ${meaning}`.toLowerCase().includes(wanted))
}
