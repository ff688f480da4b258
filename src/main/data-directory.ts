// Where the workbench keeps its settings and history.
import { join } from 'node:path'

/** $SINGLETON_DATA_DIR, else $XDG_DATA_HOME/singleton-workbench, else ~/.local/share/singleton-workbench. */
export function findDataDirectory(env: Readonly<Record<string, string | undefined>>, home: string): string {
  if (env.SINGLETON_DATA_DIR) return env.SINGLETON_DATA_DIR
  const base = env.XDG_DATA_HOME || join(home, '.local/share')
  return join(base, 'singleton-workbench')
}
