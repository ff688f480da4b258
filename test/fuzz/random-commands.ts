// For tests: command lines that make no sense, the same ones for the same seed. Each has at least one fault, whatever
// else is on it, so none may do anything.
import type { Random } from '../../src/shared/statistics/random.ts'
import { pick } from './pick.ts'

interface CommandShape {
  readonly words: readonly string[]
  /** Options without a value, and options with one. */
  readonly flags: readonly string[]
  readonly valued: readonly string[]
}

const scan = { flags: ['--json', '--pagemap-entries'], valued: ['--cpu-percent', '--threads'] }
const shapes: readonly CommandShape[] = [
  { words: ['probe'], ...scan },
  { words: ['assess'], flags: scan.flags, valued: [...scan.valued, '--policy'] },
  {
    words: ['scrub'],
    flags: [...scan.flags, '--dry-run', '--flush-dirty'],
    valued: [...scan.valued, '--image', '--policy'],
  },
  ...['status', 'stop', 'unmerge', 'restore'].map((act) => ({
    words: ['ksm', act],
    flags: ['--json'],
    valued: [],
  })),
  {
    words: ['ksm', 'start'],
    flags: ['--json', '--take-over'],
    valued: ['--pages-to-scan', '--sleep-ms'],
  },
  { words: ['ksm', 'merge', 'web', 'on'], flags: ['--json'], valued: [] },
  ...['status', 'upgrade', 'rollback', 'remove'].map((act) => ({
    words: ['service', act],
    flags: ['--json'],
    valued: [],
  })),
  { words: ['service', 'install'], flags: ['--json'], valued: ['--policy'] },
  { words: ['govern'], flags: ['--json', '--dry-run', '--once'], valued: ['--policy', '--record'] },
  { words: ['serve'], flags: ['--read-only', '--session'], valued: [] },
]

// No word that would make sense anywhere.
const junk = [
  ...['', ' ', '-', '=', '.', '..', '/', '*', '%s%n', '$(reboot)', '`id`', ';reboot', '\n', '\t', '\u0007'],
  ...[
    'ä',
    '💾',
    '\u202e',
    '\uffff',
    'x'.repeat(5000),
    'null',
    'true',
    'NaN',
    '-1',
    '0x10',
    '1e9',
    '٣',
    '9'.repeat(40),
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'undefined', '/etc/passwd'],
]

const words = junk.filter((word) => !word.startsWith('-'))

/** Spoils a command line that would make sense. */
type Fault = (shape: CommandShape, random: Random) => string[]

const anyFaults: readonly Fault[] = [
  // A command that is none.
  (_shape, random) => [pick(junk, random)],
  (shape, random) => [`${shape.words[0]}${pick(['s', ' ', '\u0000', '-', '.'], random)}`],
  // An option that is none, or of another command.
  (shape, random) => [...shape.words, `--${pick(junk, random).slice(0, 40) || 'x'}-`],
  (shape, random) => [
    ...shape.words,
    pick(['--jsn', '--no-json', '--dry_run', '-Z', '-jx', '--force', '---'], random),
  ],
  // A value where there is none to give.
  (shape, random) => [...shape.words, `${pick(shape.flags, random)}=${pick(junk, random)}`],
  // None where there should be one.
  (shape, random) => [...shape.words, pick([...shape.valued, '--nothing'], random)],
  // One word too many.
  (shape, random) => [...shape.words, pick(words, random)],
  (shape, random) => [...shape.words, '--', pick(junk, random)],
]

/** By the first word, and the second where there is one. */
const faultsOf: Readonly<Record<string, readonly Fault[]>> = {
  probe: [
    (_shape, random) => [
      'probe',
      `--cpu-percent=${pick(['0', '101', ...junk.filter((word) => word !== '.')], random)}`,
    ],
  ],
  assess: [
    () => ['assess', '--policy', '/nowhere/policy.json'],
    () => ['assess', '--cpu-percent=NaN'],
    (_shape, random) => ['assess', `--threads=${pick(['0', '3', ...junk], random)}`],
  ],
  scrub: [
    () => ['scrub', '--image', ''],
    () => ['scrub', '--image', 'x'.repeat(4097)],
    () => ['scrub', '--image'],
  ],
  'ksm start': [
    (_shape, random) => ['ksm', 'start', `--pages-to-scan=${pick(['0', '', ' 5', '1.5', ...junk], random)}`],
    (_shape, random) => ['ksm', 'start', `--sleep-ms=${pick(['60001', '', '1e3', ...junk], random)}`],
    () => ['ksm', 'start', '--sleep-ms'],
    (_shape, random) => ['ksm', pick(junk, random)],
  ],
  'ksm status': [
    () => ['ksm', 'status', '--take-over'],
    () => ['ksm', 'stop', '--sleep-ms=5'],
    () => ['ksm'],
  ],
  'ksm merge web on': [
    () => ['ksm', 'merge'],
    () => ['ksm', 'merge', 'web'],
    (_shape, random) => ['ksm', 'merge', 'web', pick(words, random)],
    () => ['ksm', 'merge', '', 'on'],
    () => ['ksm', 'merge', 'web', 'on', '--take-over'],
  ],
  'service status': [
    () => ['service'],
    (_shape, random) => ['service', pick(words, random)],
    () => ['service', 'run', 'now'],
    () => ['service', 'status', '--policy', '/nowhere/policy.json'],
  ],
  'service install': [
    () => ['service', 'install', '--policy', '/nowhere/policy.json'],
    () => ['service', 'install', '--policy', '/dev/null'],
    () => ['service', 'install', '--policy', ''],
    () => ['service', 'install', '--replace'],
  ],
  govern: [
    (_shape, random) => ['govern', '--policy', `/nowhere/${pick(junk, random).replaceAll('/', '')}`],
    () => ['govern', '--policy', '/'],
    () => ['govern', '--policy', '/proc/self/mem'],
    () => ['govern', '--policy', '/dev/null'],
    () => ['govern', '--record'],
  ],
}

export function malformedCommand(random: Random): string[] {
  const shape = pick(shapes, random)
  const own = faultsOf[shape.words.join(' ')] ?? []
  const spoiled = pick([...anyFaults, ...own], random)(shape, random)
  return surround(spoiled, shape, random)
}

/** Adds what is allowed there, in front of the fault. */
function surround(spoiled: string[], shape: CommandShape, random: Random): string[] {
  const isOfShape = shape.words.every((word, index) => spoiled[index] === word)
  if (!isOfShape) return spoiled
  const extra: string[] = []
  while (random.next() < 0.4) extra.push(pick(shape.flags, random))
  return [...shape.words, ...extra, ...spoiled.slice(shape.words.length)]
}
