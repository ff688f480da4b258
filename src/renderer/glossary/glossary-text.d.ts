/** The text of docs/glossary.md, put in by the build: vite.renderer.config.ts. */
declare const glossaryText: string
