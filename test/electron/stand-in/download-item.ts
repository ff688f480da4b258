// DownloadItem: a file that Chromium has, on its way to where a person would have it saved.
import { EventEmitter } from 'node:events'
import type { Download } from 'playwright-core'

/** What a person does in the dialog that the shell asks for. A test puts its own in. */
export const saveDialog = {
  /** What was offered, in order. */
  offered: [] as { title?: string; defaultPath?: string }[],
  /** Undefined: cancelled. */
  answer: (offeredPath: string): string | undefined => offeredPath,
}

export class DownloadItem extends EventEmitter {
  readonly #download: Download
  #options: { title?: string; defaultPath?: string } = {}
  #path = ''

  constructor(download: Download) {
    super()
    this.#download = download
  }

  readonly getFilename = () => this.#download.suggestedFilename()
  readonly getSavePath = () => this.#path
  readonly setSaveDialogOptions = (options: { title?: string; defaultPath?: string }) => {
    this.#options = options
  }

  /** After the shell was told of it. */
  async save(): Promise<void> {
    saveDialog.offered.push(this.#options)
    const path = saveDialog.answer(this.#options.defaultPath ?? this.getFilename())
    if (path === undefined) {
      await this.#download.cancel()
      this.emit('done', {}, 'cancelled')
      return
    }
    await this.#download.saveAs(path)
    this.#path = path
    this.emit('done', {}, 'completed')
  }
}
