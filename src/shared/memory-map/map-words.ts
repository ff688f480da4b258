// What the states of the memory map are called, what they mean, and their colours, in light and dark.
import type { PageState, PageTrait } from '../contract/memory-map.ts'

export interface StateWords {
  readonly label: string
  readonly about: string
  /** #rrggbb */
  readonly light: string
  readonly dark: string
}

export const stateWords: Readonly<Record<PageState, StateWords>> = {
  unique: {
    label: 'Unique',
    about: 'Present, and no other guest page and no image page in the cache has this content.',
    light: '#0072b2',
    dark: '#3d97d3',
  },
  identicalWithin: {
    label: 'Identical within',
    about: 'The same guest has this content in another page: KSM could merge them.',
    light: '#56a7d9',
    dark: '#8fcbf0',
  },
  identicalBetween: {
    label: 'Identical between guests',
    about:
      'Another guest has this content too. Of images: only guests that do not have the image open hold it.',
    light: '#b0518b',
    dark: '#d883b4',
  },
  merged: {
    label: 'Merged',
    about: 'In a page frame that KSM shares (KPF_KSM of /proc/kpageflags).',
    light: '#009e73',
    dark: '#21b98c',
  },
  zero: {
    label: 'Zero',
    about: 'Holds zeros only.',
    light: '#f0e442',
    dark: '#d6cb3a',
  },
  doubleCached: {
    label: 'Double cached',
    about: 'Both in a guest that has the image open and in the host’s page cache of that image.',
    light: '#d55e00',
    dark: '#f07c2b',
  },
  dirty: {
    label: 'Dirty',
    about: 'Image page in the cache that is not yet written to storage (cachestat).',
    light: '#5c2b00',
    dark: '#a5672f',
  },
  present: {
    label: 'Present',
    about: 'In memory; its content was not compared.',
    light: '#8b94a1',
    dark: '#6d7786',
  },
  notPresent: {
    label: 'Not present',
    about: 'Never touched, given back or swapped out. Of images: not in the host’s page cache.',
    light: '#e3e7ec',
    dark: '#2a313b',
  },
  unreadable: {
    label: 'Unreadable',
    about: 'This page could not be read.',
    light: '#000000',
    dark: '#e4e8ee',
  },
}

export const traitWords: Readonly<Record<PageTrait, string>> = {
  zero: 'zero',
  merged: 'merged by KSM',
  identical: 'content occurs elsewhere',
  doubleCached: 'double cached',
  heldByOthers: 'held by guests that do not have the image open',
  dirty: 'dirty',
}
