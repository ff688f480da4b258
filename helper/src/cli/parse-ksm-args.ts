// The arguments of the command `ksm`.
import { parseArgs } from 'node:util'
import { type KsmMerge, type KsmStart, ksmStart } from '../../../src/shared/contract/ksm.ts'
import { Problem } from '../../../src/shared/problem.ts'

const options = {
  json: { type: 'boolean' },
  'pages-to-scan': { type: 'string' },
  'sleep-ms': { type: 'string' },
  'take-over': { type: 'boolean' },
} as const

const acts = ['status', 'start', 'stop', 'unmerge', 'restore'] as const
export type KsmAct = (typeof acts)[number]

export type KsmCommand =
  | { readonly act: KsmAct; readonly params: KsmStart; readonly json: boolean }
  | { readonly act: 'merge'; readonly params: KsmMerge; readonly json: boolean }

/** The act and its options behind `ksm`. Throws `bad-input`. */
export function parseKsmArgs(args: string[]): KsmCommand {
  const { values, positionals } = parseOptions(args)
  if (positionals[0] === 'merge') return parseMerge(positionals.slice(1), values)
  const act = acts.find((name) => name === positionals[0])
  if (act === undefined || positionals.length !== 1) {
    throw new Problem(
      'bad-input',
      `cannot run ksm ${positionals.join(' ')}: expected one of ${acts.join(', ')}, merge`,
    )
  }
  const params = ksmStart.safeParse({
    ...optionalNumber('pagesToScan', values['pages-to-scan']),
    ...optionalNumber('sleepMillisecs', values['sleep-ms']),
    ...(values['take-over'] && { takeOver: true }),
  })
  if (!params.success) {
    const why = params.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    throw new Problem('bad-input', `cannot run ksm ${act}: ${why}`)
  }
  if (act !== 'start' && Object.keys(params.data).length > 0) {
    throw new Problem('bad-input', `cannot run ksm ${act}: rates and --take-over belong to ksm start`)
  }
  return { act, params: params.data, json: values.json ?? false }
}

function parseMerge(
  [guest, state, ...rest]: readonly string[],
  { json = false, ...rates }: ReturnType<typeof parseOptions>['values'],
): KsmCommand {
  if (!guest || (state !== 'on' && state !== 'off') || rest.length > 0 || Object.keys(rates).length > 0) {
    throw new Problem(
      'bad-input',
      'cannot run ksm merge: expected the name or process of a guest, then on or off',
    )
  }
  // A guest whose name is a number is named by its process.
  const wanted = /^[1-9]\d{0,9}$/.test(guest) ? Number(guest) : guest
  return { act: 'merge', params: { guest: wanted, merge: state === 'on' }, json }
}

function parseOptions(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem('bad-input', `cannot run ksm: ${reason}`, { cause: error })
  }
}

function optionalNumber(name: string, text: string | undefined): Record<string, number> {
  if (text === undefined) return {}
  return { [name]: /^\d+$/.test(text) ? Number(text) : Number.NaN }
}
