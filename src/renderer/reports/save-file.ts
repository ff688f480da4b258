interface TextFile {
  readonly fileName: string
  readonly mediaType: string
  readonly content: string
}

/** Hands a text to the browser as a download. */
export function saveFile({ fileName, mediaType, content }: TextFile): void {
  const url = URL.createObjectURL(new Blob([content], { type: mediaType }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = fileName
  anchor.click()
  URL.revokeObjectURL(url)
}
