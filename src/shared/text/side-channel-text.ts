// The one thing to know before merging: each dialog that begins it says this.

export const sideChannelWarning =
  'Merged pages open a timing side channel: a guest can find out whether another holds the same content. Merge only ' +
  'guests that trust each other.'
