// Light or dark in the desktop app: the menu and the page are two ways to one choice, which stays from start to start.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Menu, nativeTheme } from 'electron'
import { z } from 'zod'
import { asProblem } from '../../shared/problem.ts'
import type { Workbench } from '../workbench.ts'
import type { Theme } from './menu.ts'

const choiceName = 'color-scheme'
const chosen = z.enum(['light', 'dark'])
const file = z.object({ choices: z.object({ [choiceName]: chosen.optional() }) })

/** For the first paint, before any service is loaded. As the system where nothing usable was kept. */
export function readTheme(dataDirectory: string): Theme {
  try {
    const text = readFileSync(join(dataDirectory, 'choices.json'), 'utf8')
    return file.safeParse(JSON.parse(text)).data?.choices[choiceName] ?? 'system'
  } catch {
    return 'system'
  }
}

/** What the desktop draws, and what its menu says. */
export function showTheme(theme: Theme): void {
  nativeTheme.themeSource = theme
  const item = Menu.getApplicationMenu()?.getMenuItemById(`theme-${theme}`)
  if (item) item.checked = true
}

/** Keeps what the menu chose; pages follow. What cannot be kept holds until the app ends. */
export async function keepTheme(starting: Promise<Workbench>, theme: Theme): Promise<void> {
  try {
    const { choices } = await starting
    await choices.choose(choiceName, theme === 'system' ? undefined : theme)
  } catch (error) {
    console.error(asProblem(error, 'cannot keep the appearance').message)
  }
}

/** Follows what a page chose. */
export function followTheme(workbench: Workbench): void {
  workbench.subscribe((name, value) => {
    if (name !== 'choices/changed' || !('choices' in value)) return
    showTheme(chosen.safeParse(value.choices[choiceName]).data ?? 'system')
  })
}
