// Prints a self-contained page to PDF by a headless Chromium of this machine, over a pipe (DevTools protocol): no port is opened.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Duplex, Readable, Writable } from 'node:stream'
import { z } from 'zod'
import { parseJson } from '../../shared/parsing/parse-json.ts'
import { Problem } from '../../shared/problem.ts'

/** Throws `not-supported` where nothing prints, `timed-out`, `cancelled`. */
export type PrintPdf = (html: string, signal: AbortSignal) => Promise<Buffer>

const browsers = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
]
const printsWithinMs = 120_000
const endsWithinMs = 5_000

/** Pages are numbered; the report's own style sheet says the size and the margins. */
export const printOptions = {
  printBackground: true,
  preferCSSPageSize: true,
  displayHeaderFooter: true,
  headerTemplate: '<span></span>',
  footerTemplate:
    '<div style="width:100%;font-size:7pt;color:#666;text-align:center"><span class="pageNumber"></span> of <span class="totalPages"></span></div>',
} as const

/** `path`: of directories to look in, as $PATH. */
export function printWithChromium(path = process.env.PATH ?? ''): PrintPdf {
  return async (html, signal) => {
    const program = findBrowser(path)
    if (program === undefined) {
      throw new Problem('not-supported', 'cannot print a PDF: no Chromium is on this machine', {
        remedy:
          'Install chromium, or use the desktop app. The HTML report has the same content and can be printed from any browser.',
      })
    }
    const folder = mkdtempSync(join(tmpdir(), 'singleton-print-'))
    const child = startBrowser(program, folder)
    try {
      return await print(child, html, AbortSignal.any([signal, AbortSignal.timeout(printsWithinMs)]))
    } finally {
      await end(child)
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  }
}

function findBrowser(path: string): string | undefined {
  const places = path.split(delimiter).filter((folder) => folder !== '')
  return browsers.flatMap((name) => places.map((folder) => join(folder, name))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function startBrowser(program: string, folder: string): ChildProcess {
  // Chromium refuses its sandbox to root. The page runs no script and loads nothing: its content security policy says so.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return spawn(
    program,
    [
      '--headless=new',
      '--remote-debugging-pipe',
      `--user-data-dir=${folder}`,
      ...['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
      ...['--disable-sync', '--disable-extensions', '--disable-dev-shm-usage', '--no-pings'],
      ...asRoot,
      'about:blank',
    ],
    // It would leave caches and crash reports in the person's home.
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: folder } },
  )
}

async function print(child: ChildProcess, html: string, signal: AbortSignal): Promise<Buffer> {
  const [, , , input, output] = child.stdio as [unknown, unknown, unknown, Writable, Readable | Duplex]
  const devTools = new DevTools(child, input, output, signal)
  const ask = async <T>(schema: z.ZodType<T>, ...request: Parameters<DevTools['call']>): Promise<T> => {
    const parsed = schema.safeParse(await devTools.call(...request))
    if (parsed.success) return parsed.data
    throw new Problem('protocol', `cannot print a PDF: Chromium answers ${request[0]} with something else`)
  }
  const { targetInfos } = await ask(targets, 'Target.getTargets', {})
  const page = targetInfos.find(({ type }) => type === 'page')
  if (!page) throw new Problem('protocol', 'cannot print a PDF: Chromium has no page')
  const { sessionId } = await ask(attached, 'Target.attachToTarget', {
    targetId: page.targetId,
    flatten: true,
  })
  const { frameTree } = await ask(tree, 'Page.getFrameTree', {}, sessionId)
  await devTools.call('Page.setDocumentContent', { frameId: frameTree.frame.id, html }, sessionId)
  const { data } = await ask(printed, 'Page.printToPDF', printOptions, sessionId)
  return Buffer.from(data, 'base64')
}

const targets = z.object({ targetInfos: z.array(z.object({ type: z.string(), targetId: z.string() })) })
const attached = z.object({ sessionId: z.string() })
const tree = z.object({ frameTree: z.object({ frame: z.object({ id: z.string() }) }) })
const printed = z.object({ data: z.string() })
const answer = z.object({
  id: z.number().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
})

/** Of one answer; a report of 500 hosts is some megabytes as a PDF. */
const maxAnswerBytes = 512 * 2 ** 20

/** Requests over a pipe: JSON texts, each ended by a zero byte. What cannot be understood ends what is asked. */
class DevTools {
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #input: Writable
  #nextId = 0
  readonly #fail: (problem: Problem) => void
  #pieces: Buffer[] = []
  #bytes = 0

  constructor(child: ChildProcess, input: Writable, output: Readable, signal: AbortSignal) {
    this.#input = input
    const fail = (problem: Problem) => {
      for (const waiting of this.#asked.values()) waiting.reject(problem)
      this.#asked.clear()
    }
    this.#fail = fail
    output.on('data', (chunk: Buffer) => this.#receive(chunk))
    output.on('error', (error) => fail(new Problem('system', `cannot print a PDF: ${error.message}`)))
    input.on('error', (error) => fail(new Problem('system', `cannot print a PDF: ${error.message}`)))
    child.once('error', (error) => fail(new Problem('system', `cannot start Chromium: ${error.message}`)))
    child.once('exit', (code) => fail(new Problem('system', `cannot print a PDF: Chromium ended (${code})`)))
    signal.addEventListener('abort', () => fail(abortProblem(signal)), { once: true })
    if (signal.aborted) throw abortProblem(signal)
  }

  call(method: string, params: object, sessionId?: string): Promise<unknown> {
    this.#nextId += 1
    const waiting = Promise.withResolvers<unknown>()
    this.#asked.set(this.#nextId, waiting)
    this.#input.write(
      `${JSON.stringify({ id: this.#nextId, method, params, ...(sessionId && { sessionId }) })}\0`,
    )
    return waiting.promise
  }

  #receive(chunk: Buffer): void {
    let from = 0
    for (let to = chunk.indexOf(0); to >= 0; to = chunk.indexOf(0, from)) {
      this.#pieces.push(chunk.subarray(from, to))
      const text = Buffer.concat(this.#pieces).toString('utf8')
      this.#pieces = []
      this.#bytes = 0
      from = to + 1
      this.#answer(text)
    }
    this.#pieces.push(chunk.subarray(from))
    this.#bytes += chunk.length - from
    if (this.#bytes <= maxAnswerBytes) return
    this.#pieces = []
    this.#bytes = 0
    this.#fail(new Problem('protocol', 'cannot print a PDF: Chromium sends more than any PDF has'))
  }

  #answer(text: string): void {
    const parsed = answer.safeParse(parseJson(text))
    if (!parsed.success) {
      this.#fail(new Problem('protocol', 'cannot print a PDF: Chromium sent something that is no answer'))
      return
    }
    const { id, result, error } = parsed.data
    // Events have no id; nothing is asked for twice.
    const waiting = id === undefined ? undefined : this.#asked.get(id)
    if (id === undefined || !waiting) return
    this.#asked.delete(id)
    if (error) waiting.reject(new Problem('protocol', `cannot print a PDF: ${error.message}`))
    else waiting.resolve(result)
  }
}

function abortProblem({ reason }: AbortSignal): Problem {
  if (reason instanceof Problem) return reason
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError'
  return timedOut
    ? new Problem('timed-out', `cannot print a PDF: Chromium took longer than ${printsWithinMs / 1000} s`)
    : new Problem('cancelled', 'cancelled while printing')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(endsWithinMs) }).catch(() => undefined)
  child.kill('SIGKILL')
  await exited
}
