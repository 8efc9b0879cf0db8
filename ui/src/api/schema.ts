// Written by tools/write_api_types.py from the server's shapes. Do not edit.

export interface ApiToken {
  id: string;
  name: string;
  owner: string | null;
  role: "viewer" | "editor" | "engineer" | "admin";
  scopes: ("read" | "write" | "admin")[];
  prefix: string;
  created_at: string;
  created_by: string;
  last_used_at: string | null;
  expires_at: string | null;
}

export interface ApiTokenCreate {
  name: string;
  role?: "viewer" | "editor" | "engineer" | "admin";
  scopes?: ("read" | "write" | "admin")[];
  expires_days?: number | null;
}

export interface ApiTokenCreated {
  id: string;
  name: string;
  owner: string | null;
  role: "viewer" | "editor" | "engineer" | "admin";
  scopes: ("read" | "write" | "admin")[];
  prefix: string;
  created_at: string;
  created_by: string;
  last_used_at: string | null;
  expires_at: string | null;
  token: string;
}

export interface ApiTokenList {
  tokens: ApiToken[];
}

export interface AuditEntry {
  id: string;
  time: string;
  actor: string;
  action: string;
  target: string;
  details: Record<string, unknown>;
  address: string;
}

export interface AuditPage {
  entries: AuditEntry[];
  next_cursor: string | null;
}

export interface Backup {
  path: string;
  bytes: number;
  parts: string[];
}

export interface Check {
  name: string;
  healthy: boolean;
  latency_ms: number;
  message: string;
}

export interface DeadLetter {
  id: string;
  signal: string;
  time: string;
  key: string;
  bytes: number;
  error: string;
}

export interface DeadLetterDetail {
  id: string;
  signal: string;
  time: string;
  key: string;
  bytes: number;
  error: string;
  preview: string;
}

export interface DeadLetterList {
  letters: DeadLetter[];
  total: number;
}

export interface Dependency {
  requests: number;
  errors: number;
  rate: number;
  error_ratio: number;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  name: string;
  type: "service" | "database" | "cache" | "queue" | "external";
}

export interface EnvironmentList {
  environments: string[];
}

export interface Facet {
  field: string;
  values: FacetValue[];
  distinct: number;
}

export interface FacetValue {
  value: string;
  count: number;
}

export interface Facets {
  facets: Facet[];
  sampled: boolean;
  stats: QueryStats;
}

export interface FieldInfo {
  name: string;
  type: string;
  origin: string;
}

export interface FieldList {
  fields: FieldInfo[];
}

export interface Histogram {
  step_seconds: number;
  start: string;
  end: string;
  buckets: HistogramBucket[];
  total: number;
  stats: QueryStats;
}

export interface HistogramBucket {
  start: string;
  counts: Record<string, number>;
}

export interface IngestKey {
  id: string;
  name: string;
  project: number;
  environment: string | null;
  origins: string[];
  items_per_second: number | null;
  prefix: string;
  created_at: string;
  created_by: string;
  last_used_at: string | null;
  revoked: boolean;
}

export interface IngestKeyCreate {
  name: string;
  project?: number;
  environment?: string | null;
  origins?: string[];
  items_per_second?: number | null;
}

export interface IngestKeyCreated {
  id: string;
  name: string;
  project: number;
  environment: string | null;
  origins: string[];
  items_per_second: number | null;
  prefix: string;
  created_at: string;
  created_by: string;
  last_used_at: string | null;
  revoked: boolean;
  key: string;
}

export interface IngestKeyList {
  keys: IngestKey[];
}

export interface JaegerError {
  code: number;
  msg: string;
}

export interface JaegerProblem {
  error: string;
  code: string;
  request_id: string;
  column?: number | null;
  expected?: string[] | null;
  data: null;
  errors: JaegerError[];
}

export interface LimitHit {
  key: string;
  signal: string;
  reason: string;
  count: number;
  last_seen: string;
  explanation: string;
}

export interface LimitHits {
  hits: LimitHit[];
  total: number;
}

export interface LinkLoginRequest {
  token: string;
}

export interface LogContext {
  before: LogRow[];
  line: LogRow;
  after: LogRow[];
}

export interface LogPage {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  rows: LogRow[];
}

export interface LogRow {
  id: string;
  timestamp: string;
  observed_timestamp: string;
  level: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "unknown";
  severity_text: string;
  severity_number: number;
  service: string;
  environment: string;
  body: string;
  event_name: string;
  trace_id: string;
  span_id: string;
  attributes: Record<string, unknown>;
  resource: Record<string, unknown>;
  scope: string;
  adjustments: string[];
}

export interface LoginRequest {
  email: string;
  password: string;
}

export interface MapEdge {
  requests: number;
  errors: number;
  rate: number;
  error_ratio: number;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  source: string;
  target: string;
}

export interface MapNode {
  requests: number;
  errors: number;
  rate: number;
  error_ratio: number;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  name: string;
  type: "service" | "database" | "cache" | "queue" | "external";
}

export interface Me {
  id: string;
  email: string;
  name: string;
  role: "viewer" | "editor" | "engineer" | "admin";
  must_set_password: boolean;
}

export interface Onboarding {
  ingest_key: string | null;
  api_url: string;
  otlp_http_url: string | null;
  otlp_grpc_url: string | null;
  signals: ReceivedSignal[];
}

export interface Operation {
  requests: number;
  errors: number;
  rate: number;
  error_ratio: number;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  name: string;
  kind: string;
  previous: Red;
}

export interface Page {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
}

export interface PasswordChange {
  current_password?: string | null;
  new_password: string;
}

export interface PlanChange {
  path: string;
  kind: "added" | "removed" | "changed";
  before?: unknown;
  after?: unknown;
}

export interface PlanProblem {
  file: string;
  line: number;
  column: number;
  message: string;
  severity: "error" | "warning";
}

export interface PlanResult {
  ok: boolean;
  problems: PlanProblem[];
  changes: PlanChange[];
  applied: boolean;
}

export interface PlanState {
  source: string | null;
  applied_at: string | null;
  applied_by: string | null;
  plan: Record<string, unknown>;
  problems: PlanProblem[];
}

export interface PlanText {
  files: Record<string, string>;
}

export interface Problem {
  error: string;
  code: string;
  request_id: string;
  column?: number | null;
  expected?: string[] | null;
}

export interface QueryStats {
  elapsed_ms: number;
}

export interface Ready {
  ready: boolean;
  checks: Check[];
}

export interface ReceivedSignal {
  signal: "traces" | "logs" | "metrics";
  received: boolean;
  services: string[];
  last: string | null;
}

export interface Red {
  requests: number;
  errors: number;
  rate: number;
  error_ratio: number;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
}

export interface RedPoint {
  time: string;
  rate: number;
  error_rate: number;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
}

export interface Retention {
  traces: number;
  logs: number;
  metrics: number;
}

export interface ServiceCount {
  service: string;
  spans: number;
  errors: number;
}

export interface ServiceDetail {
  name: string;
  environments: string[];
  summary: Red;
  previous: Red;
  step_seconds: number;
  points: RedPoint[];
  previous_points: RedPoint[];
  operations: Operation[];
  operations_total: number;
  upstream: Dependency[];
  downstream: Dependency[];
  stats: QueryStats;
}

export interface ServiceList {
  services: ServiceSummary[];
  total: number;
  stats: QueryStats;
}

export interface ServiceMap {
  nodes: MapNode[];
  edges: MapEdge[];
  services_total: number;
  edges_total: number;
  stats: QueryStats;
}

export interface ServiceSummary {
  requests: number;
  errors: number;
  rate: number;
  error_ratio: number;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  name: string;
  environments: string[];
  sparkline: number[];
  error_sparkline: number[];
  log_errors: number;
  last_seen: string;
  previous: Red;
}

export interface SignalStatus {
  signal: "traces" | "logs" | "metrics";
  rows: number;
  bytes_on_disk: number;
  newest: string | null;
  oldest: string | null;
  accepted: number;
  freshness_p50_seconds: number | null;
  freshness_p99_seconds: number | null;
  retention_days: number;
}

export interface SpanDetail {
  span_id: string;
  parent_span_id: string;
  name: string;
  kind: "unspecified" | "internal" | "server" | "client" | "producer" | "consumer";
  service: string;
  status: "unset" | "ok" | "error";
  start_offset_ns: number;
  duration_ns: number;
  event_count: number;
  has_exception: boolean;
  trace_id: string;
  start: string;
  environment: string;
  status_message: string;
  trace_state: string;
  scope: string;
  weight: number;
  attributes: Record<string, unknown>;
  resource: Record<string, unknown>;
  events: SpanEvent[];
  links: SpanLink[];
  adjustments: string[];
}

export interface SpanEvent {
  offset_ns: number;
  name: string;
  attributes: Record<string, unknown>;
}

export interface SpanLink {
  trace_id: string;
  span_id: string;
  attributes: Record<string, unknown>;
}

export interface SpanSummary {
  span_id: string;
  parent_span_id: string;
  name: string;
  kind: "unspecified" | "internal" | "server" | "client" | "producer" | "consumer";
  service: string;
  status: "unset" | "ok" | "error";
  start_offset_ns: number;
  duration_ns: number;
  event_count: number;
  has_exception: boolean;
}

export interface SqlColumn {
  name: string;
  type: string;
}

export interface SqlRequest {
  query: string;
  limit?: number;
  start?: string | null;
  end?: string | null;
  env?: string[];
}

export interface SqlResult {
  columns: SqlColumn[];
  rows: unknown[][];
  truncated: boolean;
  stats: SqlStats;
}

export interface SqlStats {
  elapsed_ms: number;
  rows_read: number;
  bytes_read: number;
}

export interface SystemStatus {
  version: string;
  started_at: string;
  store: string;
  database: string;
  ready: boolean;
  checks: Check[];
  signals: SignalStatus[];
  wal: WalStatus;
  dead_letters: number;
  disk_free_bytes: number;
  disk_total_bytes: number;
  memory_bytes: number;
  engine_restarts: number;
}

export interface TraceDetail {
  trace_id: string;
  start: string;
  duration_ns: number;
  environment: string;
  spans: SpanSummary[];
  missing_parents: string[];
  services: ServiceCount[];
  log_count: number;
  truncated: boolean;
  stats: QueryStats;
}

export interface TracePage {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  traces: TraceSummary[];
}

export interface TraceSummary {
  trace_id: string;
  start: string;
  duration_ns: number;
  root_service: string;
  root_operation: string;
  environment: string;
  span_count: number;
  error_count: number;
  services: ServiceCount[];
  matched_spans: number;
}

export interface User {
  id: string;
  email: string;
  name: string;
  role: "viewer" | "editor" | "engineer" | "admin";
  created_at: string;
  last_seen_at: string | null;
  disabled: boolean;
}

export interface UserChange {
  name?: string | null;
  role?: "viewer" | "editor" | "engineer" | "admin" | null;
  disabled?: boolean | null;
}

export interface UserCreate {
  email: string;
  name?: string;
  role?: "viewer" | "editor" | "engineer" | "admin";
  password?: string | null;
}

export interface UserCreated {
  id: string;
  email: string;
  name: string;
  role: "viewer" | "editor" | "engineer" | "admin";
  created_at: string;
  last_seen_at: string | null;
  disabled: boolean;
  signin_link: string;
}

export interface UserList {
  users: User[];
}

export interface WalStatus {
  segments_waiting: number;
  bytes_waiting: number;
  bytes_max: number;
  oldest_waiting_seconds: number;
}
