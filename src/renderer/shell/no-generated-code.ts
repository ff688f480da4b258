// Imported before all others: zod would try `new Function` as soon as a schema is built, which the content security policy
// rightly refuses and reports.
import { z } from 'zod'

z.config({ jitless: true })
