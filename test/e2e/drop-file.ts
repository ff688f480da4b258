// A file that a person drags from outside onto the page: by the browser's own way, so that what nobody takes leaves the page.
import type { Page } from 'playwright-core'

export async function dropFile(page: Page, path: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  try {
    const data = { items: [], files: [path], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x: 640, y: 400, data })
  } finally {
    await devtools.detach()
  }
}
