// The unit's template, as text: Bun compiles it in.
declare module '*.service' {
  const text: string

  export { text as default }
}
