// How good or bad something is; each tone has one colour and one symbol.
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle'
