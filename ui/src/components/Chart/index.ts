export { Chart, type ChartProps } from "./Chart";
export type { ChartMarker, ChartSeries } from "./option";
