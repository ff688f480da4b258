// Documents that go to the page as a whole.
import { z } from 'zod'
import { name } from './quantity.ts'

/** For the browser to save. */
export const textFile = z.object({
  fileName: name,
  mediaType: name,
  content: z.string().max(256 * 1024 * 1024),
})
/** PDF is base64. */
export const anyFile = textFile.extend({ encoding: z.literal('base64').optional() })
