export { RedCharts } from "./RedCharts";
