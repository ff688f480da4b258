// Answers of several hosts as text for people. What a document says is in shared/text, as the helper says it.
import type { SavedHost } from '../../shared/contract/index.ts'
import { tableLines } from '../../shared/text/table.ts'
import { inLine, terminalJson, terminalText } from '../../shared/text/terminal.ts'
import type { HostAnswer } from './each-host.ts'
import { describeProblem } from './terminal.ts'

/** A block for each host: its address, and below it the answer or what failed. */
export function renderAnswers<T>(answers: readonly HostAnswer<T>[], render: (answer: T) => string): string {
  return answers
    .map(({ address, answer, problem }) => {
      const text = answer === undefined ? problem && describeProblem(problem) : render(answer)
      return `${inLine(address)}\n${indent(terminalText(text ?? ''))}`
    })
    .join('\n\n')
}

/** One document per host, flat: `{ address, …answer }` or `{ address, problem }`. */
export function renderJson<T extends object>(answers: readonly HostAnswer<T>[]): string {
  const documents = answers.map(({ address, answer, problem }) =>
    problem ? { address, problem } : { address, ...answer },
  )
  return terminalJson(documents, 2)
}

/** The saved hosts as a table. */
export function renderHosts(hosts: readonly SavedHost[]): string {
  if (hosts.length === 0) return 'no hosts are saved; add one with "hosts add HOST"'
  const rows = hosts.map(({ name, address, mode, tags }) => [name, address, mode, tags.join(' ')])
  return tableLines(['name', 'address', 'mode', 'tags'], rows).join('\n')
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n')
}
