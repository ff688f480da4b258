// Sizes of files and functions, and what exported functions say of themselves. Prints the figures.
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isTest, readSource, type SourceFile } from './import-graph.mjs'
import { listExportedFunctions, listFunctions } from './source-shape.ts'

const ROOT = dirname(dirname(import.meta.dirname))
const MAX_FILE_LINES = 300
const MAX_MEDIAN_LINES = 120
const MAX_FUNCTION_LINES = 60

const everything = readSource(ROOT, ['src', 'helper', 'test', 'scripts'])
const isOfTests = ({ path }: SourceFile) => isTest(path) || path.startsWith('test/')
const source = everything.filter((file) => !isOfTests(file))

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b)
}

const at = (values: readonly number[], ratio: number) => values[Math.floor((values.length - 1) * ratio)] ?? 0

describe.each([
  ['source', source],
  ['tests', everything.filter(isOfTests)],
])('the files of %s', (what, files) => {
  const lines = files.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
  const functions = files.flatMap(listFunctions)

  it('are short', () => {
    const lengths = sorted(lines.map((file) => file.lines))
    console.log(
      `${what}: ${lengths.length} files of ${at(lengths, 0.5)} lines (median), ${at(lengths, 1)} at most`,
    )
    expect(lines.filter((file) => file.lines > MAX_FILE_LINES)).toEqual([])
    expect(at(lengths, 0.5)).toBeLessThanOrEqual(MAX_MEDIAN_LINES)
  })

  it('hold short functions', () => {
    const lengths = sorted(functions.map((one) => one.lines))
    console.log(
      `${what}: ${lengths.length} functions of ${at(lengths, 0.5)} lines (median), ${at(lengths, 0.9)} (nine in ten), ${at(lengths, 1)} at most`,
    )
    expect(functions.filter((one) => one.lines > MAX_FUNCTION_LINES)).toEqual([])
  })
})

describe('exported functions', () => {
  const exported = source
    .filter(({ path }) => /^(src\/(shared|main)|helper\/src)\//.test(path) && path.endsWith('.ts'))
    .flatMap(listExportedFunctions)
  /** Rooms in which methods count too, and what a comment must say can be read off the code. */
  const told = exported.filter(({ at }) =>
    /^(src\/shared\/(contract|policies)|helper\/src\/(policies|identical-pages|page-cache|ksm))\//.test(at),
  )

  it('state their promise', () => {
    const silent = exported.filter(({ comment, isMethod }) => comment === undefined && !isMethod)
    expect(silent.map((one) => one.at)).toEqual([])
    expect(told.filter(({ comment }) => comment === undefined).map((one) => one.at)).toEqual([])
  })

  it('of the contracts do, too', () => {
    const methodsOf = (files: readonly SourceFile[]) =>
      files
        .flatMap(({ text }) => [...text.matchAll(/(\*\/)?\n {2}'?([\w/-]+)'?: method\(/g)])
        .map(([, comment, method = '']) => ({ method, isTold: comment !== undefined }))
    const contracts = everything.filter(
      ({ path }) => path.startsWith('src/shared/contract/') && !isTest(path),
    )
    const isOfHost = ({ path }: SourceFile) => path.endsWith('/host-contract.ts')
    const ofHost = methodsOf(contracts.filter(isOfHost))
    expect(ofHost.length).toBeGreaterThan(20)
    // The same method for a host, named by its id, does what it does there.
    const named = new Set(ofHost.map(({ method }) => method))
    const silent = [
      ...ofHost,
      ...methodsOf(contracts.filter((file) => !isOfHost(file))).filter(({ method }) => !named.has(method)),
    ]
    expect(silent.filter(({ isTold }) => !isTold).map(({ method }) => method)).toEqual([])
  })

  it('say that they throw', () => {
    const silent = told.filter(({ throws, comment = '' }) => throws && !/throw|reject/i.test(comment))
    expect(silent.map((one) => one.at)).toEqual([])
  })

  it('say what absence means', () => {
    const absent = /undefined|absent|unknown|not known|\bnone\b|nothing/i
    const silent = told.filter(
      ({ returnType, comment = '' }) =>
        /\bundefined\b/.test(returnType) && !/Generator</.test(returnType) && !absent.test(comment),
    )
    expect(silent.map((one) => one.at)).toEqual([])
  })

  it('say the unit of a number, by their name or in words', () => {
    const unit =
      /bytes|pages|seconds|milliseconds|ratio|index|how many|number|count|share|records|exit code|frame|half|word|address|score|megabytes|MB|pid|length|order|sites|[-+] ?1|threshold|rate/i
    const silent = told.filter(
      ({ returnType, comment = '', at }) =>
        /^: (Promise<)?number\b/.test(returnType) &&
        !unit.test(comment) &&
        !unit.test(at.split(' ')[1] ?? ''),
    )
    expect(silent.map((one) => one.at)).toEqual([])
  })
})
