export { Chart, type ChartProps } from "./Chart";
export type { ChartBand, ChartSpan } from "./band";
export type { ChartDot, ChartMarker, ChartSeries } from "./option";
