export * from "./State";
