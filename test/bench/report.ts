// docs/benchmarks.md and the raw results beside it: a part for each benchmark, of which one can be written anew while the
// others stay.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from './machine.ts'
import { readIfThere } from './read-if-there.ts'
import type { Measured, Section } from './section.ts'

const intro = `# Benchmarks

Written by \`npm run bench\`; \`npm run bench -- NAME\` measures one benchmark and leaves the others as they are. Ratios
in one run are what counts: absolute figures are the machine's. Guests are lab guests (QEMU, tcg): \`test/beds/lab/README.md\`.
`

export interface ReportedSection {
  readonly section: Pick<Section, 'name' | 'title'>
  readonly measured: Measured
  readonly machine: Machine
  readonly command: string
}

/** Writes a section and its raw results into `folder`: benchmarks.md and benchmarks/NAME.json. */
export function writeReport(folder: string, reported: ReportedSection, names: readonly string[]): void {
  const report = join(folder, 'benchmarks.md')
  mkdirSync(join(folder, 'benchmarks'), { recursive: true })
  writeFileSync(rawFile(folder, reported.section.name), `${JSON.stringify(reported.measured.raw)}\n`)
  writeFileSync(report, replaceSection(readIfThere(report), reported, names))
}

/** The raw results that a folder holds of a section; undefined: none. */
export function readRaw(folder: string, name: string): unknown {
  const json = readIfThere(rawFile(folder, name))
  return json === undefined ? undefined : JSON.parse(json)
}

function rawFile(folder: string, name: string): string {
  return join(folder, 'benchmarks', `${name}.json`)
}

/** The report with this section in place of the one it had; sections stand in the order of `names`. */
export function replaceSection(
  report: string | undefined,
  reported: ReportedSection,
  names: readonly string[],
): string {
  const parts = new Map(names.map((name) => [name, partOf(report ?? '', name)]))
  parts.set(reported.section.name, formatSection(reported))
  return `${[intro.trim(), ...[...parts.values()].filter((part) => part !== undefined)].join('\n\n')}\n`
}

function partOf(report: string, name: string): string | undefined {
  const start = report.indexOf(startMark(name))
  const end = report.indexOf(endMark(name))
  return start < 0 || end < start ? undefined : report.slice(start, end + endMark(name).length)
}

const startMark = (name: string) => `<!-- bench ${name} -->\n`
const endMark = (name: string) => `<!-- end of ${name} -->`

function formatSection({ section, measured, machine, command }: ReportedSection): string {
  return `${startMark(section.name)}
## ${section.title}

\`${command}\` on ${machine.at}: ${machine.processor}, ${machine.cores} cores; ${machine.memoryGiB} GiB; Linux
${machine.kernel}; transparent huge pages: ${machine.hugePages}.

${measured.text.trim()}

Raw results: [\`benchmarks/${section.name}.json\`](benchmarks/${section.name}.json)

${endMark(section.name)}`
}
