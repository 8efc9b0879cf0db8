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

export interface BoardAnnotation {
  name: string;
  enabled?: boolean;
  hidden?: boolean;
  color?: string;
  language: "promql" | "logql" | "logs" | "traces" | "sql";
  text: string;
  title?: string;
  body?: string;
  tags?: string;
  step?: string | null;
  panels?: number[] | null;
  datasource?: string | null;
}

export interface BoardBarChart {
  kind: "barchart";
  orientation?: "auto" | "horizontal" | "vertical";
  x_field?: string | null;
  color_by_field?: string | null;
  stack?: "off" | "normal" | "percent";
  show_values?: "auto" | "always" | "never";
  bar_width?: number;
  group_width?: number;
  bar_radius?: number;
  full_highlight?: boolean;
  x_label_rotation?: number;
  x_label_length?: number | null;
  x_label_spacing?: number;
  value_size?: number | null;
  legend?: BoardLegend;
  tooltip?: BoardTooltip;
}

export interface BoardBarGauge {
  kind: "bargauge";
  reduce?: BoardReduce;
  orientation?: "auto" | "horizontal" | "vertical";
  mode?: "basic" | "gradient" | "lcd";
  values?: "color" | "text" | "hidden";
  unfilled?: boolean;
  legend?: BoardLegend | null;
  value_size?: number | null;
  title_size?: number | null;
}

export interface BoardCalculate {
  id: "calculateField";
  mode?: "row" | "binary" | "unary" | "index";
  alias?: string | null;
  calculation?: string;
  include?: string[] | null;
  left?: string | null;
  operator?: string | null;
  right?: string | null;
  percentile?: boolean;
  replace?: boolean;
}

export interface BoardCell {
  kind?: "auto" | "text" | "color-text" | "color-background" | "gauge" | "sparkline" | "json" | "image" | "links" | "pill" | "markdown" | null;
  mode?: "basic" | "gradient" | "lcd" | null;
  whole_row?: boolean | null;
  width?: number | null;
  min_width?: number | null;
  align?: "auto" | "left" | "center" | "right" | null;
  hidden?: boolean | null;
  filterable?: boolean | null;
  inspect?: boolean | null;
  wrap?: boolean | null;
}

export interface BoardColor {
  mode: string;
  fixed?: string | null;
  by?: "last" | "min" | "max";
}

export interface BoardConcatenate {
  id: "concatenate";
  frame_names?: "field" | "label" | "drop";
  label?: string;
}

export interface BoardConversion {
  field: string;
  type: "number" | "string" | "time" | "boolean";
}

export interface BoardConvert {
  id: "convertFieldType";
  conversions: BoardConversion[];
}

export interface BoardDrawing {
  style?: "line" | "bars" | "points" | null;
  line_width?: number | null;
  line_dash?: number[] | null;
  interpolation?: "linear" | "smooth" | "stepBefore" | "stepAfter" | null;
  fill_opacity?: number | null;
  fill_below_to?: string | null;
  gradient?: "none" | "opacity" | "hue" | "scheme" | null;
  show_points?: "auto" | "never" | "always" | null;
  point_size?: number | null;
  bar_alignment?: -1 | 0 | 1 | null;
  bar_width?: number | null;
  span_nulls?: boolean | number | null;
  stack?: "off" | "normal" | "percent" | null;
  stack_group?: string | null;
  negative_y?: boolean | null;
  axis?: "auto" | "left" | "right" | "top" | "bottom" | "hidden" | null;
  axis_label?: string | null;
  axis_width?: number | null;
  axis_soft_min?: number | null;
  axis_soft_max?: number | null;
  axis_log_base?: 2 | 10 | null;
  axis_symlog_threshold?: number | null;
  axis_centered_zero?: boolean | null;
  grid_lines?: boolean | null;
  thresholds?: "off" | "line" | "dashed" | "area" | "line+area" | "dashed+area" | "series" | null;
  hide_in_legend?: boolean | null;
  hide_in_tooltip?: boolean | null;
  hide_in_graph?: boolean | null;
}

export interface BoardField {
  title?: string | null;
  description?: string | null;
  unit?: string | null;
  decimals?: number | null;
  min?: number | null;
  max?: number | null;
  no_value?: string | null;
  color?: BoardColor | null;
  thresholds?: BoardThresholds | null;
  mappings?: BoardMapping[] | null;
  links?: BoardLink[] | null;
  drawing?: BoardDrawing | null;
  cell?: BoardCell | null;
}

export interface BoardFields {
  defaults?: BoardField;
  overrides?: BoardOverride[];
}

export interface BoardFilter {
  key: string;
  operator: "=" | "!=" | "=~" | "!~" | "<" | ">" | "=|" | "!=|";
  value: string;
}

export interface BoardFilterNames {
  id: "filterFieldsByName";
  include?: string[] | null;
  include_regex?: string | null;
  exclude?: string[] | null;
  exclude_regex?: string | null;
}

export interface BoardFilterQueries {
  id: "filterByRefId";
  include: string;
}

export interface BoardFilterValues {
  id: "filterByValue";
  keep?: boolean;
  match?: "any" | "all";
  tests?: BoardValueTest[];
}

export interface BoardGauge {
  kind: "gauge";
  reduce?: BoardReduce;
  orientation?: "auto" | "horizontal" | "vertical";
  threshold_labels?: boolean;
  threshold_markers?: boolean;
  value_size?: number | null;
  title_size?: number | null;
}

export interface BoardGrid {
  x?: number;
  y?: number;
  w?: number;
  h?: number;
}

export interface BoardGroupBy {
  id: "groupBy";
  fields: BoardGroupField[];
}

export interface BoardGroupField {
  field: string;
  operation: "groupby" | "aggregate";
  calculations?: string[];
}

export interface BoardHeatmap {
  kind: "heatmap";
  calculate?: boolean;
  x_buckets?: string | null;
  y_buckets?: string | null;
  y_log_base?: 2 | 10 | null;
  unit?: string | null;
  decimals?: number | null;
  y_min?: number | null;
  y_max?: number | null;
  y_reverse?: boolean;
  le_labels?: "auto" | "le" | "ge" | "unknown" | "middle";
  color?: "scheme" | "opacity";
  scheme?: string;
  fill?: string | null;
  steps?: number;
  exponent?: number;
  reverse?: boolean;
  color_min?: number | null;
  color_max?: number | null;
  hide_below?: number | null;
  hide_above?: number | null;
  cell_gap?: number;
  show_values?: boolean;
  value_unit?: string | null;
  value_decimals?: number | null;
  legend?: boolean;
  tooltip?: BoardTooltip;
}

export interface BoardHistogram {
  kind: "histogram";
  bucket_count?: number | null;
  bucket_size?: number | null;
  bucket_offset?: number | null;
  combine?: boolean;
  legend?: BoardLegend;
  tooltip?: BoardTooltip;
}

export interface BoardJoin {
  id: "joinByField";
  field?: string | null;
  mode?: "outer" | "outerTabular" | "inner";
}

export interface BoardLabelsToFields {
  id: "labelsToFields";
  mode?: "columns" | "rows";
  keep?: string[] | null;
  value_label?: string | null;
}

export interface BoardLegend {
  show?: boolean;
  mode?: "list" | "table";
  placement?: "bottom" | "right";
  calculations?: string[];
  width?: number | null;
  sort_by?: string | null;
  sort_descending?: boolean;
}

export interface BoardLimit {
  id: "limit";
  rows?: number;
}

export interface BoardLink {
  title?: string;
  url?: string;
  kind?: "link" | "dashboards";
  tags?: string[];
  dropdown?: boolean;
  new_tab?: boolean;
  keep_time?: boolean;
  keep_variables?: boolean;
  tooltip?: string;
}

export interface BoardLogs {
  kind: "logs";
  newest_first?: boolean;
  show_time?: boolean;
  show_labels?: boolean;
  show_common_labels?: boolean;
  wrap?: boolean;
  pretty?: boolean;
  details?: boolean;
  dedup?: "none" | "exact" | "numbers" | "signature";
}

export interface BoardMapping {
  kind: "value" | "range" | "regex" | "special";
  match?: string | null;
  from_value?: number | null;
  to_value?: number | null;
  text?: string | null;
  color?: string | null;
}

export interface BoardMatcher {
  by: "name" | "names" | "names_but" | "regex" | "type" | "query" | "value";
  match: string[];
}

export interface BoardMerge {
  id: "merge";
}

export interface BoardNodeGraph {
  kind: "nodeGraph";
}

export interface BoardOption {
  text: string;
  value: string;
}

export interface BoardOrganize {
  id: "organize";
  exclude?: string[];
  include?: string[] | null;
  order?: string[];
  rename?: Record<string, string>;
}

export interface BoardOverride {
  matcher: BoardMatcher;
  field: BoardField;
}

export interface BoardPanel {
  id: number;
  title?: string;
  description?: string;
  grid?: BoardGrid;
  transparent?: boolean;
  options: BoardTimeseries | BoardStat | BoardGauge | BoardBarGauge | BoardTable | BoardHeatmap | BoardHistogram | BoardPie | BoardBarChart | BoardStateTimeline | BoardStatusHistory | BoardText | BoardLogs | BoardTraces | BoardNodeGraph | BoardRefused;
  queries?: BoardQuery[];
  transformations?: (BoardOrganize | BoardMerge | BoardJoin | BoardReduceRows | BoardFilterNames | BoardFilterQueries | BoardFilterValues | BoardGroupBy | BoardCalculate | BoardSortBy | BoardRenameByRegex | BoardLabelsToFields | BoardLimit | BoardConcatenate | BoardSeriesToRows | BoardConvert)[];
  fields?: BoardFields;
  links?: BoardLink[];
  repeat?: BoardRepeat | null;
  range?: string | null;
  shift?: string | null;
  step_min?: string | null;
  points_max?: number | null;
}

export interface BoardPie {
  kind: "pie";
  reduce?: BoardReduce;
  donut?: boolean;
  labels?: ("name" | "value" | "percent")[];
  legend?: BoardLegend;
  legend_values?: ("value" | "percent")[];
  tooltip?: BoardTooltip;
}

export interface BoardQuery {
  ref: string;
  language: "promql" | "logql" | "logs" | "traces" | "sql";
  text: string;
  legend?: string | null;
  mode?: "range" | "instant" | "both";
  format?: "series" | "table" | "heatmap";
  hidden?: boolean;
  exemplars?: boolean;
  step?: string | null;
  limit?: number | null;
  datasource?: string | null;
}

export interface BoardReduce {
  calculations?: string[];
  all_values?: boolean;
  limit?: number | null;
  fields?: string;
}

export interface BoardReduceRows {
  id: "reduce";
  calculations?: string[];
  mode?: "rows" | "fields";
  include_time?: boolean;
  labels_to_fields?: boolean;
}

export interface BoardRefused {
  kind: "refused";
  type: string;
  reason: string;
}

export interface BoardRenameByRegex {
  id: "renameByRegex";
  regex: string;
  replacement?: string;
}

export interface BoardRepeat {
  variable: string;
  direction?: "horizontal" | "vertical";
  per_row_max?: number;
}

export interface BoardRow {
  id?: number | null;
  title?: string | null;
  collapsed?: boolean;
  repeat?: string | null;
  panels?: BoardPanel[];
}

export interface BoardSeriesToRows {
  id: "seriesToRows";
}

export interface BoardSort {
  field: string;
  descending?: boolean;
}

export interface BoardSortBy {
  id: "sortBy";
  sort: BoardSort[];
}

export interface BoardStat {
  kind: "stat";
  reduce?: BoardReduce;
  color?: "none" | "value" | "background" | "background_solid";
  graph?: "none" | "area";
  text?: "auto" | "value" | "value_and_name" | "name" | "none";
  justify?: "auto" | "center";
  orientation?: "auto" | "horizontal" | "vertical";
  wide?: boolean;
  percent_change?: boolean;
  value_size?: number | null;
  title_size?: number | null;
}

export interface BoardStateTimeline {
  kind: "state-timeline";
  merge?: boolean;
  show_values?: "auto" | "always" | "never";
  align?: "left" | "center" | "right";
  row_height?: number;
  rows_per_page?: number | null;
  legend?: BoardLegend;
  tooltip?: BoardTooltip;
}

export interface BoardStatusHistory {
  kind: "status-history";
  show_values?: "auto" | "always" | "never";
  row_height?: number;
  column_width?: number;
  rows_per_page?: number | null;
  legend?: BoardLegend;
  tooltip?: BoardTooltip;
}

export interface BoardTable {
  kind: "table";
  header?: boolean;
  sort?: BoardSort[];
  footer?: string[] | null;
  footer_fields?: string[];
  cell_height?: "sm" | "md" | "lg" | "auto";
  pages?: boolean;
  frame?: number;
}

export interface BoardText {
  kind: "text";
  mode?: "markdown" | "html" | "code";
  content?: string;
  language?: string;
}

export interface BoardThreshold {
  from_value: number | null;
  color: string;
}

export interface BoardThresholds {
  mode?: "absolute" | "percentage";
  steps: BoardThreshold[];
}

export interface BoardTime {
  start?: string;
  end?: string;
}

export interface BoardTimeseries {
  kind: "timeseries";
  legend?: BoardLegend;
  tooltip?: BoardTooltip;
}

export interface BoardTooltip {
  mode?: "single" | "multi" | "none";
  sort?: "none" | "asc" | "desc";
}

export interface BoardTraces {
  kind: "traces";
  span_filters?: string;
}

export interface BoardValueTest {
  field: string;
  test: "greater" | "greaterOrEqual" | "lower" | "lowerOrEqual" | "equal" | "notEqual" | "between" | "regex" | "isNull" | "isNotNull" | "substring" | "notSubstring";
  values?: (string | number | boolean)[];
}

export interface BoardVariable {
  name: string;
  kind: "query" | "custom" | "interval" | "datasource" | "textbox" | "constant" | "adhoc";
  label?: string | null;
  description?: string | null;
  hide?: "no" | "label" | "all";
  query?: BoardVariableQuery | null;
  options?: BoardOption[];
  regex?: string | null;
  sort?: "none" | "asc" | "desc" | "numeric-asc" | "numeric-desc" | "caseless-asc" | "caseless-desc";
  refresh?: "once" | "load" | "time";
  multi?: boolean;
  all?: boolean;
  all_value?: string | null;
  chosen?: string[];
  auto?: boolean;
  auto_steps?: number;
  auto_min?: string;
  datasource?: string | null;
  filters?: BoardFilter[];
}

export interface BoardVariableQuery {
  kind: "label_values" | "label_names" | "metrics" | "query_result" | "series";
  language?: "promql" | "logql";
  label?: string | null;
  match?: string | null;
}

export interface Check {
  name: string;
  healthy: boolean;
  latency_ms: number;
  message: string;
}

export interface Dashboard {
  uid: string;
  title: string;
  description?: string;
  tags?: string[];
  time?: BoardTime;
  refresh?: string | null;
  timezone?: string;
  crosshair?: "none" | "crosshair" | "tooltip";
  variables?: BoardVariable[];
  annotations?: BoardAnnotation[];
  links?: BoardLink[];
  rows?: BoardRow[];
}

export interface DashboardAnswer {
  summary: DashboardSummary;
  dashboard: Dashboard;
  report: DashboardReport;
}

export interface DashboardChange {
  dashboard: Dashboard;
  version: number;
  message?: string;
}

export interface DashboardChecked {
  ok: boolean;
  problems: DashboardProblem[];
  dashboard: Dashboard | null;
  report: DashboardReport | null;
}

export interface DashboardCreate {
  dashboard: Dashboard;
  message?: string;
}

export interface DashboardImportRequest {
  text?: string | null;
  source?: Record<string, unknown> | null;
  format?: "grafana" | "midwatch" | null;
  uid?: string | null;
  overwrite?: boolean;
  message?: string;
}

export interface DashboardImported {
  summary: DashboardSummary;
  dashboard: Dashboard;
  report: DashboardReport;
  created: boolean;
}

export interface DashboardList {
  dashboards: DashboardSummary[];
}

export interface DashboardProblem {
  line: number;
  column: number;
  message: string;
  severity: "error" | "warning";
}

export interface DashboardRemark {
  panel: number | null;
  title: string;
  reason: string;
}

export interface DashboardReport {
  panels: number;
  drawable: number;
  refused: DashboardRemark[];
  ignored: DashboardRemark[];
  ignored_count: number;
  findings: DashboardRemark[];
}

export interface DashboardSummary {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  source: "workspace" | "plan" | "builtin";
  file: string | null;
  version: number | null;
  changed_at: string | null;
  changed_by: string | null;
  panels: number;
  refused: number;
  hides: ("workspace" | "plan" | "builtin")[];
}

export interface DashboardText {
  text?: string | null;
  source?: Record<string, unknown> | null;
  format?: "grafana" | "midwatch" | null;
  uid?: string | null;
}

export interface DashboardVersion {
  version: number;
  title: string;
  panels: number;
  changed_at: string;
  changed_by: string;
  message: string;
}

export interface DashboardVersionAnswer {
  version: DashboardVersion;
  dashboard: Dashboard;
}

export interface DashboardVersionList {
  versions: DashboardVersion[];
  deleted: boolean;
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

export interface DroppedTarget {
  job: string;
  discovered_labels: Record<string, string>;
  reason: string;
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

export interface ForwardDestination {
  name: string;
  endpoint: string;
  queue_bytes_max: number;
  queue_age_seconds_max: number;
  signals: ForwardedSignal[];
}

export interface ForwardDestinations {
  destinations: ForwardDestination[];
}

export interface ForwardedSignal {
  signal: string;
  sent_bodies: number;
  sent_items: number;
  sent_bytes: number;
  last_sent: string | null;
  waiting_bytes: number;
  oldest_waiting_seconds: number;
  failed_attempts: number;
  error: string;
  retry_at: string | null;
  lost: Record<string, number>;
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

export interface MetricCardinality {
  day: string;
  series: number;
  series_before: number;
  series_new: number;
  looked_at_every: number;
  metrics: SeriesCount[];
  metrics_total: number;
  labels: SeriesLabel[];
  labels_total: number;
  keys: SeriesCount[];
  keys_total: number;
  series_per_metric_max: number;
  series_per_key_max: number;
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

export interface PrometheusProblem {
  error: string;
  code: string;
  request_id: string;
  column?: number | null;
  expected?: string[] | null;
  status: "error";
  errorType: string;
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

export interface ScrapeJob {
  job: string;
  up: number;
  down: number;
  unknown: number;
  dropped: number;
  problems: string[];
}

export interface ScrapeTarget {
  job: string;
  url: string;
  health: "unknown" | "up" | "down";
  error: string;
  labels: Record<string, string>;
  discovered_labels: Record<string, string>;
  last_scrape: string | null;
  last_scrape_seconds: number;
  samples: number;
  interval_seconds: number;
  timeout_seconds: number;
}

export interface ScrapeTargets {
  scraping: boolean;
  jobs: ScrapeJob[];
  targets: ScrapeTarget[];
  dropped: DroppedTarget[];
  total: number;
}

export interface SeriesCount {
  name: string;
  series: number;
  series_before: number;
  series_new: number;
}

export interface SeriesLabel {
  name: string;
  values: number;
  series: number;
  series_without: number | null;
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
