// The tray: the fleet in one line, and the way back to the window.
import { Menu, nativeImage, Tray } from 'electron'
import type { Workbench } from '../workbench.ts'
import { describeFleet } from './fleet-line.ts'

/** The workbench's mark, 16 pixels square, black on nothing: desktops colour it themselves. */
const mark =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAYAAAAf8/9hAAAAM0lEQVR42mNgGAWjYBSMglEwCkYBA8N/BgaG/+RiBgYGBkZGRob///+TjWFqRsEoGAWjAAcAADHSC/VoW9lLAAAAAElFTkSuQmCC'
const tellEveryMs = 2000

export interface TrayActs {
  readonly show: () => void
  readonly quit: () => void
}

/** Undefined where the desktop has no tray. Returns the way to take it away. */
export function openTray(workbench: Workbench, acts: TrayActs): (() => void) | undefined {
  let tray: Tray
  try {
    tray = new Tray(nativeImage.createFromDataURL(mark))
  } catch (error) {
    console.error(`cannot show the tray: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
  tray.on('click', acts.show)
  let told = ''
  const tell = () => {
    const line = describeFleet(workbench.fleet.list())
    if (line === told) return
    told = line
    tray.setToolTip(`Singleton Workbench: ${line}`)
    // Not every desktop shows tooltips of trays.
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { id: 'tray-fleet', label: line, enabled: false },
        { type: 'separator' },
        { id: 'tray-show', label: 'Show Singleton Workbench', click: acts.show },
        { id: 'tray-quit', label: 'Quit', click: acts.quit },
      ]),
    )
  }
  tell()
  const timer = setInterval(tell, tellEveryMs)
  return () => {
    clearInterval(timer)
    tray.destroy()
  }
}
