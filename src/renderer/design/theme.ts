// Mantine dressed in our tokens: small, dense, no animation to wait for.
import { createTheme, Menu, Modal, Tooltip } from '@mantine/core'

export const theme = createTheme({
  fontFamily: 'var(--wb-font)',
  fontFamilyMonospace: 'var(--wb-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  defaultRadius: 'sm',
  primaryColor: 'blue',
  colors: {
    blue: [
      '#e2eef8',
      '#c5def2',
      '#99c7e9',
      '#6db7ec',
      '#3d97d3',
      '#1a7fc0',
      '#0b65a3',
      '#085488',
      '#06436d',
      '#043252',
    ],
    // Mantine's own from the seventh on is too light to be read on white, or to carry white.
    red: [
      '#fff5f5',
      '#ffe3e3',
      '#ffc9c9',
      '#ffa8a8',
      '#ff8787',
      '#ff6b6b',
      '#c92a2a',
      '#b02525',
      '#9c2020',
      '#8a1c1c',
    ],
    // Mantine's own greys, tinted like the surfaces of tokens.css.
    dark: [
      '#e4e8ee',
      '#c4ccd7',
      '#98a3b2',
      '#6d7786',
      '#414b58',
      '#2c333d',
      '#20252d',
      '#1a1e25',
      '#14181e',
      '#12151a',
    ],
  },
  primaryShade: { light: 6, dark: 6 },
  respectReducedMotion: true,
  components: {
    Modal: Modal.extend({
      defaultProps: {
        transitionProps: { duration: 0 },
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
      },
      styles: { title: { fontWeight: 650 } },
    }),
    // The placeholder is no menu item, which screen readers are told of nevertheless.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        withArrow: true,
        multiline: true,
        maw: 340,
        openDelay: 200,
        events: { hover: true, focus: true, touch: true },
      },
    }),
  },
})
