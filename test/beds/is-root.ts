/** Guests, KSM and other users' processes are root's to look at. */
export const isRoot = process.getuid?.() === 0
