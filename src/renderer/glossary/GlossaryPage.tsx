// What the words and the figures on the screens mean.
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { metricNames, metrics } from '../../shared/contract/index.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { parseGlossary, type Word } from './parse-glossary.ts'

const words = parseGlossary(glossaryText)
const figures: readonly Word[] = metricNames.map((name) => ({
  word: `${metrics[name].label} (${name})`,
  meaning: metrics[name].source,
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
        note="where each figure of the charts comes from"
        flush
        testId="figures"
      >
        <DataTable
          label="Figures over time"
          rows={shownFigures}
          columns={columns}
          fixed
          rowKey={({ word }) => word}
          empty="No figure matches."
        />
      </Panel>
    </main>
  )
}

function matching(list: readonly Word[], text: string): readonly Word[] {
  const wanted = text.toLowerCase()
  return list.filter(({ word, meaning }) => `${word} ${meaning}`.toLowerCase().includes(wanted))
}
