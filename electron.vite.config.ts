// The three bundles: out/main (the app, the browser shell and the command line), out/preload, out/renderer.
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig } from 'electron-vite'
import renderer from './vite.renderer.config.ts'

/** Worker threads are files of their own; in the bundle they lie beside index.js under their own names. */
const workers = globSync('src/main/**/*-worker.ts').map((path) => [basename(path, '.ts'), path])

export default defineConfig({
  main: {
    build: {
      // All of package.json's dependencies stay outside of the bundle: ssh2 loads optional natives at run time.
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          index: 'src/main/index.ts',
          serve: 'src/main/serve.ts',
          cli: 'src/main/cli.ts',
          ...Object.fromEntries(workers),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed preload can require nothing but electron: one CommonJS file with all in it.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: 'src/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer,
})
