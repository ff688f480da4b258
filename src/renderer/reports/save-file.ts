interface AnyFile {
  readonly fileName: string
  readonly mediaType: string
  readonly content: string
  /** Absent: the content is text. */
  readonly encoding?: 'base64' | undefined
}

/** Hands a file to the browser as a download. */
export function saveFile({ fileName, mediaType, content, encoding }: AnyFile): void {
  const bytes = encoding === 'base64' ? Uint8Array.from(atob(content), (one) => one.charCodeAt(0)) : content
  const url = URL.createObjectURL(new Blob([bytes], { type: mediaType }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = fileName
  anchor.click()
  URL.revokeObjectURL(url)
}
