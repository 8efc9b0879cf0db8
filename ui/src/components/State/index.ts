export { Cut, Partial } from "./Cut";
export { LookFurther } from "./LookFurther";
export { NoRows } from "./NoRows";
export { Slow } from "./Slow";
export * from "./State";
