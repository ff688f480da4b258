// What the content security policy of this page asks of the page itself.

/** The number that style elements carry; empty where the page is served without a policy, as in development. */
export const styleNonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? ''

/** Text in style elements is no HTML: it may be set as long as no tag can be in it. Anything else is refused. */
export function allowStyleText(page: Window & { readonly trustedTypes?: TrustedTypes }): void {
  page.trustedTypes?.createPolicy('default', {
    createHTML: (text) => (text.includes('<') ? null : text),
  })
  // The lock of scrolling behind dialogs (react-remove-scroll) asks for the number by this name.
  Object.assign(page, { __webpack_nonce__: styleNonce })
}

/** Of the browsers that have them. Source: Trusted Types, W3C. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string | null }): unknown
}
