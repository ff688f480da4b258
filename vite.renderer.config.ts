// The renderer, the same for Electron (as part of electron.vite.config.ts) and for the browser shell (alone).
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: resolve('src/renderer'),
  // Relative, so that the page works below app:// as well as below a loopback URL.
  base: './',
  plugins: [react()],
  // The glossary of the documents is a page as well.
  define: { glossaryText: JSON.stringify(readFileSync('docs/glossary.md', 'utf8')) },
  // Replaced by a number used once in each answer: src/main/browser-shell/page-document.ts.
  html: { cspNonce: 'STYLE_NONCE' },
  build: {
    outDir: resolve('out/renderer'),
    emptyOutDir: true,
    // Inlined data: URLs would need an exception in the content security policy.
    assetsInlineLimit: 0,
    minify: true,
    // Loaded from the same machine.
    chunkSizeWarningLimit: 4000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: resolve('src/renderer/index.html'),
      // Of several chunks each would run its modules as soon as it is there: schemas before no-generated-code.ts, which has
      // to be first.
      output: { strictExecutionOrder: true },
    },
  },
})
