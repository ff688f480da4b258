import { Button, FileButton, Group, Skeleton, Textarea } from '@mantine/core'
import { IconFileImport } from '@tabler/icons-react'
import { type DragEvent, useEffect, useMemo, useState } from 'react'
import type { HostImport, NewHost } from '../../shared/contract/index.ts'
import { Notice, ProblemNotice } from '../ui/Notice.tsx'
import { longestText, readTextFile } from '../ui/read-text-file.ts'
import { toastProblem } from '../ui/toasts.ts'
import classes from './ImportPane.module.css'
import { ImportTable } from './ImportTable.tsx'
import { importRows, pickedHosts } from './import-rows.ts'
import { type Reading, useImport } from './use-import.ts'

interface ImportPaneProps {
  /** What is there at first. */
  readonly startText?: string | undefined
  readonly onHosts: (hosts: readonly NewHost[]) => void
}

/** Text in, hosts out: pasted, from a file, or dropped; shown as a table before anything is added. */
export function ImportPane({ startText = '', onHosts }: ImportPaneProps) {
  const [text, setText] = useState(startText)
  const [isOver, setOver] = useState(false)
  const reading = useImport(text)
  const open = (file: File | null) => {
    if (file) readTextFile(file).then(setText, (error: unknown) => toastProblem(`Read ${file.name}`, error))
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    open(event.dataTransfer.files[0] ?? null)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one of three ways; the others take the keyboard.
    <div
      className={classes.dropZone}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group justify="space-between" align="flex-end" mb={4}>
        <span className="panel-note">
          One host per line: <code className="mono">[user@]host[:port] name tag,tag</code>. Or an Ansible
          inventory, INI or YAML; its groups become tags.
        </span>
        <FileButton onChange={open} accept=".ini,.yml,.yaml,.txt,.cfg,.inventory,text/*">
          {(props) => (
            <Button {...props} size="xs" variant="default" leftSection={<IconFileImport size={15} />}>
              Choose a file…
            </Button>
          )}
        </FileButton>
      </Group>
      <Textarea
        aria-label="Hosts to import"
        placeholder={'root@10.0.0.7:2222 kvm01 rack1\nkvm02\n\n(or drop a file here)'}
        rows={4}
        styles={{ input: { fontFamily: 'var(--wb-mono)', fontSize: 12 } }}
        spellCheck={false}
        data-autofocus
        maxLength={longestText}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div aria-live="polite" className={classes.outcome}>
        <Outcome reading={reading} onHosts={onHosts} />
      </div>
    </div>
  )
}

interface OutcomeProps {
  readonly reading: Reading
  readonly onHosts: (hosts: readonly NewHost[]) => void
}

function Outcome({ reading, onHosts }: OutcomeProps) {
  useEffect(() => {
    if (reading.state !== 'read') onHosts([])
  }, [reading, onHosts])
  if (reading.state === 'empty')
    return <p className="missing">A preview appears here before anything is added.</p>
  if (reading.state === 'reading') return <Skeleton height={90} aria-label="Reading the text" />
  if (reading.state === 'refused') return <ProblemNotice problem={reading.problem} attempt="Read the text" />
  return <Preview found={reading.found} onHosts={onHosts} />
}

interface PreviewProps {
  readonly found: HostImport
  readonly onHosts: (hosts: readonly NewHost[]) => void
}

function Preview({ found, onHosts }: PreviewProps) {
  const rows = useMemo(() => importRows(found), [found])
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => onHosts(pickedHosts(rows, left)), [rows, left, onHosts])
  const known = rows.filter(({ savedAs }) => savedAs !== undefined).length
  return (
    <>
      <p className={`panel-note ${classes.summary}`} data-testid="import-summary">
        {rows.length} {rows.length === 1 ? 'host' : 'hosts'} found
        {known > 0 && `, ${known} known already`}
        {found.problems.length > 0 && `, ${found.problems.length} left out`}
      </p>
      {rows.length > 0 && <ImportTable rows={rows} left={left} onLeft={setLeft} />}
      {found.problems.length > 0 && (
        <div className={classes.problems}>
          <Notice tone="warn" title="Left out or ignored" testId="import-problems">
            {found.problems
              .slice(0, 20)
              .map(({ line, text }) => (line === undefined ? text : `Line ${line}: ${text}`))
              .join('\n')}
            {found.problems.length > 20 && `\n… and ${found.problems.length - 20} more`}
          </Notice>
        </div>
      )}
    </>
  )
}
