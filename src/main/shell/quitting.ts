// The end of the app: a person is asked where work is under way, then links are closed, what policies did is put back,
// and history is written before the process ends.
import { app, type BrowserWindow, dialog } from 'electron'
import { asProblem } from '../../shared/problem.ts'
import type { Workbench } from '../workbench.ts'
import { describeWork, shorten } from './work-under-way.ts'

export class Quitting {
  readonly #window: BrowserWindow
  readonly #workbench: Promise<Workbench>
  #state: 'working' | 'asking' | 'closing' | 'closed' = 'working'

  /** Where the workbench is still being built, its end waits for that. */
  constructor(window: BrowserWindow, workbench: Promise<Workbench>) {
    this.#window = window
    this.#workbench = workbench
  }

  /** Quitting by menu, tray, signal or the window's close button: all of them end here. */
  watch(): void {
    this.#window.on('close', (event) => {
      if (this.#state === 'closed') return
      event.preventDefault()
      void this.#ask()
    })
    app.on('before-quit', (event) => {
      if (this.#state === 'closed') return
      event.preventDefault()
      void this.#ask()
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void this.#close())
  }

  async #ask(): Promise<void> {
    if (this.#state !== 'working') return
    this.#state = 'asking'
    const workbench = await this.#workbench.catch(() => undefined)
    // A start that fails ends the app by itself.
    if (workbench === undefined) return
    const lines = await listWork(workbench)
    if (lines.length > 0 && !(await this.#mayStop(lines))) {
      this.#state = 'working'
      return
    }
    await this.#close()
  }

  async #mayStop(lines: readonly string[]): Promise<boolean> {
    const { response } = await dialog.showMessageBox(this.#window, {
      type: 'warning',
      message: lines.length === 1 ? 'Something is under way' : `${lines.length} things are under way`,
      detail: `${shorten(lines)}\n\nQuitting stops them and puts back what they changed for the session.`,
      buttons: ['Keep Working', 'Stop and Quit'],
      defaultId: 0,
      cancelId: 0,
    })
    return response === 1
  }

  async #close(): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#state = 'closing'
    this.#window.setTitle('Singleton Workbench: closing')
    try {
      await (await this.#workbench).close()
    } catch (error) {
      const { message, remedy } = asProblem(error, 'cannot close the workbench')
      dialog.showErrorBox('Singleton Workbench', `${message}\n${remedy ?? ''}`)
      app.exit(1)
      return
    }
    this.#state = 'closed'
    app.quit()
  }
}

async function listWork({ handlers, fleet }: Workbench): Promise<string[]> {
  const { signal } = new AbortController()
  const context = { signal, reportProgress: () => undefined }
  const { rollouts } = await handlers['rollouts/list']({}, context)
  const { experiments } = await handlers['experiments/list']({}, context)
  return describeWork(fleet.list(), rollouts, experiments)
}
