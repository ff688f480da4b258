// What a person chose of how pages look and what they tell. Texts by name, which only pages understand.
import { z } from 'zod'
import { recordOf } from './bounded.ts'

const maxChoices = 64
const choiceName = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z-]*$/)
/** Holds the saved views of the fleet. */
const choiceText = z.string().max(262_144)

export const keptChoices = recordOf(choiceName, choiceText, maxChoices)
export type KeptChoices = Readonly<z.infer<typeof keptChoices>>

/** Absent value: as if nothing had been chosen. */
export const choiceOrder = z.object({ name: choiceName, value: choiceText.optional() })
