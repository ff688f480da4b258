// What the page saves: a native dialog, in the folder that was used last.
import { dirname, join } from 'node:path'
import type { DownloadItem, Session } from 'electron'

export type DownloadingSession = {
  on(event: 'will-download', listener: (event: unknown, item: SavedItem) => void): unknown
}
type SavedItem = Pick<DownloadItem, 'getFilename' | 'getSavePath' | 'setSaveDialogOptions'> & {
  once(event: 'done', listener: (event: unknown, state: string) => void): unknown
}

/** `folder` is where the first file is offered to be saved. */
export function rememberFolder(session: Session | DownloadingSession, folder: string): void {
  let last = folder
  ;(session as DownloadingSession).on('will-download', (_event, item) => {
    item.setSaveDialogOptions({ title: 'Save', defaultPath: join(last, item.getFilename()) })
    item.once('done', (_done, state) => {
      if (state === 'completed') last = dirname(item.getSavePath())
    })
  })
}
