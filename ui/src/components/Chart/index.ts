export { Chart, type ChartProps } from "./Chart";
export type { ChartDot, ChartMarker, ChartSeries } from "./option";
