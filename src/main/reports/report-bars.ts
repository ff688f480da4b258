// Bars of what each host could give back and what it gave back, as inline SVG.
import type { ReportedHost } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { escapeHtml } from './html-parts.ts'

const pairs = [
  { title: 'Mergeable → merged', before: 'mergeableBytes', after: 'mergedBytes' },
  { title: 'Image cache before → after', before: 'imageCacheBeforeBytes', after: 'imageCacheAfterBytes' },
] as const

const width = 560
const labelWidth = 130
const barHeight = 14
const rowHeight = 42

export function renderBars(hosts: readonly ReportedHost[]): string {
  return pairs.map((pair) => renderPair(hosts, pair)).join('\n')
}

function renderPair(hosts: readonly ReportedHost[], pair: (typeof pairs)[number]): string {
  const most = Math.max(1, ...hosts.flatMap((host) => [host[pair.before] ?? 0, host[pair.after] ?? 0]))
  const height = hosts.length * rowHeight + 4
  const rows = hosts.map((host, index) => {
    const top = index * rowHeight + 4
    return `<text x="0" y="${top + 18}">${escapeHtml(shorten(host.name))}</text>
${bar(host[pair.before], most, top, 'before')}${bar(host[pair.after], most, top + barHeight + 2, 'after')}`
  })
  return `<figure><figcaption>${pair.title}</figcaption>
<svg viewBox="0 0 ${width + labelWidth + 110} ${height}" role="img" aria-label="${pair.title} per host">${rows.join('\n')}</svg></figure>`
}

function bar(bytes: number | undefined, most: number, top: number, kind: 'before' | 'after'): string {
  const label = bytes === undefined ? 'not measured' : formatBytes(bytes)
  const length = bytes === undefined ? 0 : Math.max(bytes > 0 ? 1 : 0, (bytes / most) * width)
  const text = `<text class="value" x="${labelWidth + length + 6}" y="${top + 11}">${label}</text>`
  return `<rect class="${kind}" x="${labelWidth}" y="${top}" width="${length.toFixed(1)}" height="${barHeight}"/>${text}`
}

function shorten(name: string): string {
  return name.length > 18 ? `${name.slice(0, 17)}…` : name
}
