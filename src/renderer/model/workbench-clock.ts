// The workbench's wall clock as the page knows it. All times shown are the workbench's, and the browser may be on
// another machine: its own clock, and a step of it, count for nothing.

let heard: { readonly at: number; readonly receivedMs: number } | undefined

/** `at`: the workbench's time, as it just came from there. */
export function followWorkbench(at: number): void {
  heard = { at, receivedMs: performance.now() }
}

/** Milliseconds since the epoch; the browser's own until the workbench was heard. */
export function workbenchNow(): number {
  return heard === undefined ? Date.now() : heard.at + (performance.now() - heard.receivedMs)
}
