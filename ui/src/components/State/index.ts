export { Slow } from "./Slow";
export * from "./State";
