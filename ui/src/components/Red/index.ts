export { RedCharts } from "./RedCharts";
export { Calls } from "./Calls";
