/** Of the disk under the images, as Linux sets it by default: the lab's own disk may have megabytes. */
export const readAheadKiB = 128
