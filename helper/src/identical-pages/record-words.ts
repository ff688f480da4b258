/** Words of a record: the lower half of a hash, the upper half, and what holds that content. */
export const RECORD_WORDS = 3
