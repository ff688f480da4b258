// Mantine dressed in our tokens: small, dense, no animation to wait for.
import { createTheme, Modal, Tooltip } from '@mantine/core'

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
  },
  primaryShade: { light: 6, dark: 5 },
  respectReducedMotion: true,
  components: {
    Modal: Modal.extend({ defaultProps: { transitionProps: { duration: 0 }, centered: true } }),
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
