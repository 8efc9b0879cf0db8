import { createTheme, type MantineColorsTuple } from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eeedff",
  "#d9d8fb",
  "#b1aef3",
  "#a3a0ff",
  "#8682ea",
  "#6360d6",
  "#5451cd",
  "#4a47c4",
  "#403db4",
  "#3330a0",
];

const dark: MantineColorsTuple = [
  "#ecedf1",
  "#c3c5ce",
  "#a3a6b3",
  "#6b6e7b",
  "#434652",
  "#343741",
  "#22242c",
  "#131419",
  "#0f1014",
  "#0b0c0f",
];

/** Mantine's part of the look; colours and sizes that are ours are in tokens.css. */
export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 7 },
  colors: { accent, dark },
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "18px" },
  defaultRadius: "sm",
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, transitionProps: { duration: 100 } } },
    Button: { defaultProps: { size: "xs" }, styles: { label: { fontWeight: 500 } } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", checkIconPosition: "right" } },
    Modal: { defaultProps: { transitionProps: { duration: 100 } } },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, transitionProps: { duration: 100 } } },
    Popover: { defaultProps: { transitionProps: { duration: 100 } } },
  },
});
