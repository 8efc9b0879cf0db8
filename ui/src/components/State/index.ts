export { Cut, Partial } from "./Cut";
export { HowToSend, InForce, NoneOfThese, NothingMatches, Snippet } from "./Empties";
export { LookFurther } from "./LookFurther";
export { NoRows } from "./NoRows";
export { Slow } from "./Slow";
export * from "./State";
