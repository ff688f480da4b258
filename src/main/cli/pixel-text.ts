// Text as pixels, for pictures that are drawn without a browser: printable ASCII, five by seven, twice as large.
import type { Picture } from './picture.ts'

/** Five columns for each character from the space on, a byte each, the lowest bit on top. */
const columns = Buffer.from(
  [
    '000000000000005F00000007000700147F147F14242A7F2A12231308646236495522500005030000',
    '001C2241000041221C00082A1C2A0808083E08080050300000080808080800606000002010080402',
    '3E5149453E00427F400042615149462141454B311814127F1027454545393C4A4949300171090503',
    '3649494936064949291E003636000000563600000008142241141414141441221408000201510906',
    '324979413E7E1111117E7F494949363E414141227F4141221C7F494949417F090909013E41415132',
    '7F0808087F00417F41002040413F017F081422417F404040407F0204027F7F0408107F3E4141413E',
    '7F090909063E4151215E7F09192946464949493101017F01013F4040403F1F2040201F7F2018207F',
    '63140814630304780403615149454300007F4141020408102041417F000004020102044040404040',
    '000102040020545454787F484444383844444420384444487F3854545418087E090102081454543C',
    '7F0804047800447D40002040443D00007F10284400417F40007C041804787C080404783844444438',
    '7C14141408081414187C7C080404084854545420043F4440203C4040207C1C2040201C3C4030403C',
    '44281028440C5050503C4464544C44000836410000007F000000413608000201020402',
  ].join(''),
  'hex',
)
const glyphColumns = 5
const scale = 2
const advance = (glyphColumns + 1) * scale
const first = 0x20

export const glyphHeight = 7 * scale

/** In pixels, the gap behind the last character included. */
export function textWidth(text: string): number {
  return text.length * advance
}

/** What has no glyph is drawn as a question mark. What does not fit is cut off. */
export function drawText(
  { width, height, pixels }: Picture,
  text: string,
  x: number,
  y: number,
  color: readonly [number, number, number],
): void {
  const setPixel = (column: number, row: number) => {
    if (column < width && row < height) pixels.set(color, (row * width + column) * 3)
  }
  ;[...text].forEach((character, index) => {
    const code = character.charCodeAt(0) - first
    const glyph = code >= 0 && (code + 1) * glyphColumns <= columns.length ? code : '?'.charCodeAt(0) - first
    for (let column = 0; column < glyphColumns * scale; column += 1) {
      const bits = columns[glyph * glyphColumns + Math.floor(column / scale)] ?? 0
      for (let row = 0; row < glyphHeight; row += 1) {
        if ((bits & (1 << Math.floor(row / scale))) !== 0) setPixel(x + index * advance + column, y + row)
      }
    }
  })
}
