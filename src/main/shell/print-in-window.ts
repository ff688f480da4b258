// Prints a self-contained page to PDF in a hidden window of the desktop app, with a session of its own in memory.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BrowserWindow } from 'electron'
import { Problem } from '../../shared/problem.ts'
import { unlessAborted } from '../../shared/time/waiting.ts'
import { type PrintPdf, printOptions } from '../reports/print-pdf.ts'

/** As `PrintPdf` has it. */
export const printInWindow: PrintPdf = async (html, signal) => {
  // A data: address has a length limit that reports pass.
  const folder = await mkdtemp(join(tmpdir(), 'singleton-print-'))
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      sandbox: true,
      javascript: false,
      contextIsolation: true,
      nodeIntegration: false,
      partition: 'print',
    },
  })
  try {
    const path = join(folder, 'report.html')
    await writeFile(path, html, { mode: 0o600 })
    return await unlessAborted(print(window, path), signal)
  } finally {
    window.destroy()
    await rm(folder, { recursive: true, force: true })
  }
}

async function print(window: BrowserWindow, path: string): Promise<Buffer> {
  try {
    await window.loadFile(path)
    return await window.webContents.printToPDF(printOptions)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem('system', `cannot print a PDF: ${reason}`, { cause: error })
  }
}
