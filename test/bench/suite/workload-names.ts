export const workloadNames = ['a', 'b', 'b500', 'b150', 'c', 'd', 'e', 'f'] as const
export type WorkloadName = (typeof workloadNames)[number]

export const workloadTitles: Readonly<Record<WorkloadName, string>> = {
  a: '(a) zipf reader alone',
  b: '(b) the same beside a streaming guest',
  b500: '(b) on storage of 500 reads/s',
  b150: "(b) on storage of 150 reads/s, a disk's",
  c: '(c) clones reading one base image',
  d: '(d) boot storm of clones',
  e: '(e) writer with dirty pages',
  f: '(f) idle guests',
}
