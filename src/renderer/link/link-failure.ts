// Why the page has no link to the workbench; each has another way out.

const linkFailures = [
  'no-key', // this tab was not opened by a link
  'refused', // whoever answers does not know this tab's key: used, expired, or of a workbench that has ended
  'unproven', // whoever answers is not the workbench that this tab belongs to
  'unreachable', // nobody answers
] as const

export type LinkFailureReason = (typeof linkFailures)[number]

export class LinkFailure extends Error {
  override readonly name = 'LinkFailure'
  readonly reason: LinkFailureReason

  constructor(reason: LinkFailureReason) {
    super(`no link to the workbench: ${reason}`)
    this.reason = reason
  }
}
