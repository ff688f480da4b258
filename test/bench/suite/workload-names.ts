export const workloadNames = ['a', 'b', 'c', 'd', 'e', 'f'] as const
export type WorkloadName = (typeof workloadNames)[number]

export const workloadTitles: Readonly<Record<WorkloadName, string>> = {
  a: '(a) zipf reader alone',
  b: '(b) the same beside a streaming guest',
  c: '(c) clones reading one base image',
  d: '(d) boot storm of clones',
  e: '(e) writer with dirty pages',
  f: '(f) idle guests',
}
