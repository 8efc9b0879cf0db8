/** The API's shapes under their own names, and the unions that its fields are made of. */
import type { LogRow, SpanSummary, User } from "./schema";

export type * from "./schema";
export type Level = LogRow["level"];
export type SpanKind = SpanSummary["kind"];
export type SpanStatus = SpanSummary["status"];
export type Role = User["role"];
