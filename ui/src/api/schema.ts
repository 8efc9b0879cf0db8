// Written by tools/write_api_types.py from the server's shapes. Do not edit.

export interface Activity {
  time: string;
  kind: string;
  actor: string;
  data: Record<string, unknown>;
}

export interface AlertDetail {
  alert: AlertShown | null;
  events: AlertEvent[];
}

export interface AlertEvent {
  id: number;
  at: string;
  kind: string;
  rule: string;
  fingerprint: string;
  labels: Record<string, string>;
  group_key: string;
  receiver: string;
  by: string;
  comment: string;
  details: Record<string, unknown>;
}

export interface AlertGroup {
  labels: Record<string, string>;
  routeLabels: Record<string, string>;
  receiver: Named;
  alerts: GettableAlert[];
}

export interface AlertGroupList {
  groups: AlertGroupShown[];
  total: number;
  alerts: number;
  counts: StandingCounts;
}

export interface AlertGroupShown {
  key: string;
  route_id: string;
  receiver: string;
  labels: Record<string, string>;
  muted_by: string[];
  looked_at_next: string;
  alerts: AlertShown[];
  total: number;
  firing: number;
}

export interface AlertHistory {
  events: AlertEvent[];
  next_cursor: string | null;
}

export interface AlertList {
  alerts: AlertShown[];
  total: number;
}

export interface AlertMark {
  id: string;
  kind: "acknowledged" | "snoozed" | "assigned";
  by: string;
  at: string;
  comment: string;
  until: string | null;
  assignee: string;
  group_key: string;
  alerts: number;
}

export interface AlertMarkList {
  marks: AlertMark[];
}

export interface AlertMarkRequest {
  kind: "acknowledged" | "snoozed" | "assigned";
  fingerprint?: string | null;
  group_key?: string | null;
  comment?: string;
  until?: string | null;
  assignee?: string;
}

export interface AlertShown {
  fingerprint: string;
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  starts_at: string;
  ends_at: string;
  updated_at: string;
  generator_url: string;
  state: "firing" | "suppressed";
  standing: "open" | "acknowledged" | "snoozed" | "silenced" | "inhibited" | "muted";
  silenced_by: string[];
  inhibited_by: string[];
  muted_by: string[];
  receivers: string[];
  group_keys: string[];
  marks: AlertMark[];
}

export interface AlertmanagerConfig {
  original: string;
}

export interface AlertmanagerReceiver {
  name: string;
  labels: Record<string, string>;
}

export interface AlertmanagerStatus {
  cluster: ClusterStatus;
  config: AlertmanagerConfig;
  uptime: string;
  versionInfo: Record<string, string>;
}

export interface AnomalyBand {
  rule_id: string;
  query: string;
  band: string;
  deviations: number;
  history_seconds: number;
  zone: string;
  learned_at: string | null;
  message: string;
  step_seconds: number;
  series: AnomalySeries[];
  series_total: number;
}

export interface AnomalyLearning {
  since: string;
  hours: number;
  hours_needed: number;
  ready_at: string;
}

export interface AnomalyPoint {
  at: number;
  observed: number | null;
  expected: number | null;
  lower: number | null;
  upper: number | null;
}

export interface AnomalySeries {
  labels: Record<string, string>;
  points: AnomalyPoint[];
  learning: AnomalyLearning | null;
}

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

export interface AskedId {
  kind: "trace" | "correlation" | "request" | "job" | "message" | "session" | "user" | "entity";
  value: string;
  found: boolean;
}

export interface Attachment {
  name: string;
  content_type: string;
  size_bytes: number;
  place: number;
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

export interface BacktestAnswer {
  alert: string;
  query: string;
  start: string;
  end: string;
  evaluations: number;
  fired: number;
  pending_only: number;
  firing_seconds: number;
  verdict: "" | "never" | "always";
  spans: BacktestSpan[];
  messages: RehearsalMessage[];
  more_messages: number;
  messages_until: string | null;
  watched: Watched;
}

export interface BacktestRequest {
  alert?: string | null;
  rule?: string | null;
  start: string;
  end?: string | null;
  threshold?: number | null;
}

export interface BacktestSpan {
  labels: Record<string, string>;
  active_at: string;
  fired_at: string | null;
  ended_at: string | null;
  value: number;
}

export interface Backup {
  path: string;
  bytes: number;
  parts: string[];
}

export interface BehindError {
  event_id: string;
  timestamp: string;
  title: string;
  service: string;
  trace_id: string;
  group: string;
}

export interface BehindSession {
  id: string;
  start: string;
  duration_seconds: number;
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

export interface BrowserSessionPoint {
  time: string;
  sessions: number;
  users: number;
}

export interface BrowserSessions {
  sessions: number;
  users: number;
  errored: number;
  crashed: number;
  with_duration: number;
  p50_seconds: number | null;
  p95_seconds: number | null;
  points: BrowserSessionPoint[];
}

export interface BudgetList {
  budgets: BudgetStanding[];
}

export interface BudgetStanding {
  name: string;
  match: Record<string, string>;
  amount: string;
  currency: string;
  per: "day" | "week" | "month";
  owner: string;
  runbook: string;
  alert_at: number[];
  start: string;
  end: string;
  spent: string;
  spent_ratio: number;
  expected: string | null;
  expected_ratio: number | null;
}

export interface Chain {
  project: number;
  position: number;
  hash: string;
  changed_at: string | null;
  verdict: ChainVerdict | null;
}

export interface ChainProblem {
  kind: "broken" | "missing" | "changed" | "added" | "anchor" | "end";
  position: number;
  event_id: string;
  said: string;
}

export interface ChainVerdict {
  project: number;
  intact: boolean;
  first: number;
  last: number;
  events: number;
  expired: number;
  erased: number;
  head_position: number;
  head_hash: string;
  problem: ChainProblem | null;
  next: number | null;
  checked_at: string;
}

export interface Check {
  name: string;
  healthy: boolean;
  latency_ms: number;
  message: string;
}

export interface ClusterStatus {
  status: "ready" | "settling" | "disabled";
  peers: Record<string, string>[];
}

export interface CommitCreate {
  sha: string;
  repository?: string;
  author?: string;
  email?: string;
  message?: string;
  time?: string | null;
  files?: string[];
}

export interface CommitShown {
  sha: string;
  repository: string;
  author: string;
  email: string;
  message: string;
  time: string | null;
  files: string[];
}

export interface ContractRow {
  thing: "service" | "environment" | "event" | "domain event" | "metric" | "span" | "health check" | "probe" | "heartbeat";
  name: string;
  state: "coming" | "stopped" | "never" | "unknown";
  declared: boolean;
  count: number | null;
  first_seen: string | null;
  last_seen: string | null;
  services: string[];
  owner: string;
  link: string;
}

export interface CorrelationGap {
  source: string;
  target: string;
  traces: number;
  lost: number;
  replaced: number;
  example_trace: string;
  since: string;
}

export interface CorrelationGaps {
  gaps: CorrelationGap[];
  stats: QueryStats;
}

export interface CostForecast {
  currency: string;
  start: string;
  end: string;
  spent: string;
  expected: string | null;
  a_day: string | null;
  days: number;
}

export interface CostPoint {
  at: number;
  amount: string;
}

export interface CostReport {
  by: string;
  currency: string;
  currencies: string[];
  interval: "hour" | "day" | "week" | "month";
  total: string;
  uses: number;
  unpriced: number;
  rows: CostRow[];
  rows_total: number;
  series: CostSeries[];
  stats: QueryStats;
}

export interface CostRow {
  value: string;
  amount: string;
  share: number;
  uses: number;
  unpriced: number;
  units: string | null;
}

export interface CostSeries {
  value: string | null;
  points: CostPoint[];
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

export interface DeployCreate {
  version: string;
  environment?: string;
  service?: string;
  name?: string;
  url?: string;
  started?: string | null;
  finished?: string | null;
}

export interface DeployList {
  deploys: DeployShown[];
  truncated: boolean;
}

export interface DeployShown {
  id: number;
  version: string;
  environment: string;
  service: string;
  name: string;
  url: string;
  started: string | null;
  finished: string;
  marked_by: string;
}

export interface Difference {
  kind: string;
  day: string;
  invoiced: string;
  ours: string;
  difference: string;
  percent: number | null;
}

export interface DomainEvent {
  position: number;
  id: string;
  type: string;
  time: string;
  received_at: string;
  entity: Party | null;
  sequence: number | null;
  actor: Party | null;
  correlation_id: string;
  trace_id: string;
  span_id: string;
  service: string;
  environment: string;
  from_state: string;
  to_state: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  metadata: Record<string, unknown>;
  remarks: string[];
}

export interface DomainEventPage {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  events: DomainEvent[];
}

export interface DrillAnswer {
  alert: string;
  rule_id: string;
  query: string;
  passed: boolean;
  fired: boolean;
  resolved: boolean;
  told: string[];
  start: string;
  end: string;
  entries: DrillEntry[];
  messages: RehearsalMessage[];
  series: MadeUpSeries[];
  watched: Watched;
}

export interface DrillEntry {
  at: string;
  after_seconds: number;
  kind: "incident" | "pending" | "firing" | "notified" | "over" | "resolved";
  text: string;
  receiver: string;
  integration: string;
}

export interface DrillRequest {
  alert: string;
  at?: string | null;
  hold_seconds?: number;
}

export interface Dropped {
  reasons: Record<string, number>;
}

export interface DroppedTarget {
  job: string;
  discovered_labels: Record<string, string>;
  reason: string;
}

export interface EntityHistory {
  type: string;
  id: string;
  state: string | null;
  since: string | null;
  stuck_after_seconds: number | null;
  stuck: boolean;
  events: DomainEvent[];
  more: boolean;
  stats: QueryStats;
}

export interface EntityKind {
  type: string;
  planned: boolean;
  entities: number;
  stuck: number;
  illegal: number;
  transitions: number;
}

export interface EntityKinds {
  kinds: EntityKind[];
}

export interface EnvironmentList {
  environments: string[];
}

export interface ErasureStep {
  step: "search" | "erase" | "parts" | "proof" | "end" | "failed";
  place: string;
  found: number;
  error?: string;
}

export interface ErasureWanted {
  user: string;
  reason: string;
  dry_run?: boolean;
}

export interface ErrorsOverTime {
  step_seconds: number;
  start: string;
  series: Record<string, number[]>;
}

export interface EventDetail {
  facts: EventFacts;
  issue_id: number | null;
  event: Record<string, unknown> | null;
  earlier: string;
  later: string;
  attachments: Attachment[];
}

export interface EventFacets {
  types: string[];
  entities: string[];
  actors: string[];
}

export interface EventFacts {
  event_id: string;
  time: string;
  group: string;
  group_version: number;
  type: string;
  value: string;
  title: string;
  culprit: string;
  level: string;
  severity: string;
  category: string;
  platform: string;
  logger: string;
  mechanism: string;
  handled: boolean;
  service: string;
  environment: string;
  release: string;
  dist: string;
  server_name: string;
  transaction: string;
  trace_id: string;
  span_id: string;
  replay_id: string;
  session_id: string;
  user: string;
  url: string;
  browser: string;
  os: string;
  device: string;
  runtime: string;
  sdk: string;
  source: "sentry" | "span" | "log" | "browser";
  duplicate: boolean;
  weight: number;
  tags: Record<string, string>;
  whole: boolean;
}

export interface EventNames {
  events: NamedCount[];
  logs: NamedCount[];
  stats: QueryStats;
}

export interface EventPage {
  events: EventFacts[];
  next_cursor?: string | null;
  stats: QueryStats;
}

export interface EventSourceList {
  sources: EventSourceState[];
}

export interface EventSourceState {
  name: string;
  table: string;
  state: "waiting" | "reading" | "failing";
  events: number;
  refused: number;
  read_at: string | null;
  error: string;
}

export interface Exchange {
  request: SentRequest;
  answer: ReceivedAnswer | null;
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

export interface FlagList {
  flags: FlagSummary[];
  more: boolean;
  stats: QueryStats;
}

export interface FlagResult {
  flag: string;
  event: string;
  values: FlagUsage[];
  changed: number;
  stats: QueryStats;
}

export interface FlagSummary {
  name: string;
  values: string[];
  persons: number;
  events: number;
}

export interface FlagUsage {
  value: string;
  persons: number;
  used: number;
  uses: number;
  share: number | null;
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

export interface Funnel {
  steps: FunnelStep[];
  unit?: string;
  window_seconds?: number;
  breakdown?: string;
}

export interface FunnelGroup {
  value: string;
  rest: boolean;
  steps: FunnelStepResult[];
}

export interface FunnelPeopleQuery {
  steps: FunnelStep[];
  unit?: string;
  window_seconds?: number;
  breakdown?: string;
  start?: string | null;
  end?: string | null;
  env?: string[];
  project?: number;
  step: number;
  outcome: "took" | "left";
  value?: string | null;
  limit?: number;
}

export interface FunnelQuery {
  steps: FunnelStep[];
  unit?: string;
  window_seconds?: number;
  breakdown?: string;
  start?: string | null;
  end?: string | null;
  env?: string[];
  project?: number;
}

export interface FunnelResult {
  unit: string;
  steps: FunnelStepResult[];
  groups: FunnelGroup[];
  median_seconds: number | null;
  p90_seconds: number | null;
  stats: QueryStats;
}

export interface FunnelStep {
  event: string;
  source?: "events" | "logs";
  query?: string;
  name?: string;
}

export interface FunnelStepResult {
  name: string;
  event: string;
  source: "events" | "logs";
  count: number;
  of_first: number | null;
  of_previous: number | null;
  median_seconds: number | null;
  p90_seconds: number | null;
}

export interface FunnelToSave {
  name: string;
  funnel: Funnel;
}

export interface GettableAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  generatorURL: string;
  startsAt: string;
  endsAt: string;
  updatedAt: string;
  fingerprint: string;
  receivers: Named[];
  status: GettableStatus;
}

export interface GettableSilence {
  id: string;
  matchers: SilenceMatcher[];
  startsAt: string;
  endsAt: string;
  updatedAt: string;
  createdBy: string;
  comment: string;
  annotations: Record<string, string>;
  status: SilenceStatus;
}

export interface GettableStatus {
  state: "unprocessed" | "active" | "suppressed";
  silencedBy: string[];
  inhibitedBy: string[];
  mutedBy: string[];
}

export interface GroupingPreview {
  grouping: number;
  groups: number;
  groups_after: number;
  moved: number;
  merged_issues: number;
  merges: Record<string, unknown>[];
}

export interface HandlerOrder {
  id: string;
  batch_id: string;
  run: string;
  handler: string;
  service: string;
  environment: string;
  state: "waiting" | "given" | "finished" | "cancelled" | "expired";
  outcome: "" | "done" | "failed" | "already_done" | "would_run" | "is_running" | "unknown" | "unknown_handler" | "gone" | "cannot_open" | "not_kept" | "does_not_fit" | "not_queued" | "queued" | "working";
  detail: string;
  seconds: number;
  dry_run: boolean;
  confirm_unknown: boolean;
  reason: string;
  asked_by: string;
  asked: string;
  due: string;
  given_to: string;
  finished: string | null;
}

export interface HandlerOrderList {
  orders: HandlerOrder[];
}

export interface HandlerPayload {
  form: "plain" | "sealed" | "none";
  run_id: string;
  arguments: Record<string, unknown> | null;
  sealed: Record<string, unknown> | null;
}

export interface HandlerRun {
  id: string;
  handler: string;
  service: string;
  environment: string;
  key: string;
  state: "failed" | "stuck" | "unknown" | "done";
  attempt: number;
  error_type: string;
  error_text: string;
  event_id: string;
  trace_id: string;
  span_id: string;
  correlation_id: string;
  issue_id: number | null;
  started: string;
  failed: string;
  done: string | null;
  refusal: string;
  is_sealed: boolean;
  order: HandlerOrder | null;
}

export interface HandlerRunDetail {
  run: HandlerRun;
  listening: string | null;
  orders: HandlerOrder[];
}

export interface HandlerRunPage {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  runs: HandlerRun[];
}

export interface HandlerSummaries {
  handlers: HandlerSummary[];
}

export interface HandlerSummary {
  handler: string;
  service: string;
  environment: string;
  failed: number;
  stuck: number;
  unknown: number;
  done: number;
  asked: string | null;
}

export interface HeartbeatAnswer {
  summary: HeartbeatSummary;
  signs: HeartbeatSign[];
  changes: HeartbeatChange[];
  upcoming: string[];
}

export interface HeartbeatChange {
  id: number;
  at: string;
  condition_from: "new" | "up" | "running" | "late" | "missed" | "failed" | "overtime" | "unknown";
  condition_to: "new" | "up" | "running" | "late" | "missed" | "failed" | "overtime" | "unknown";
  healthy: boolean;
  reason: string;
}

export interface HeartbeatCreate {
  name: string;
  environment?: string;
  description?: string;
  schedule: HeartbeatSchedule;
}

export interface HeartbeatEdit {
  description?: string;
  schedule: HeartbeatSchedule;
}

export interface HeartbeatList {
  heartbeats: HeartbeatSummary[];
}

export interface HeartbeatRun {
  run: string;
  started: string;
}

export interface HeartbeatSchedule {
  cron?: string;
  every_seconds?: number | null;
  time_zone?: string;
  grace_seconds?: number;
  max_runtime_seconds?: number | null;
  failures?: number;
  recoveries?: number;
}

export interface HeartbeatSign {
  id: number;
  at: string;
  status: "started" | "ok" | "failed" | "log";
  run: string;
  seconds: number | null;
  door: string;
  detail: string;
}

export interface HeartbeatSummary {
  id: string;
  name: string;
  environment: string;
  project: number;
  source: "plan" | "sentry" | "healthchecks" | "sdk" | "page";
  description: string;
  labels: Record<string, string>;
  schedule: HeartbeatSchedule;
  condition: "new" | "up" | "running" | "late" | "missed" | "failed" | "overtime" | "unknown";
  healthy: boolean;
  since: string | null;
  reason: string;
  last: string | null;
  expected: string | null;
  last_seconds: number | null;
  failures: number;
  runs: HeartbeatRun[];
  overlapping: boolean;
  ping_path: string | null;
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

export interface IgnoreUntil {
  seconds?: number | null;
  count?: number | null;
  users?: number | null;
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

export interface IntegrationStatus {
  integration: string;
  last_delivered: string | null;
  last_failed: string | null;
  failing_since: string | null;
  lost: boolean;
  error: string;
}

export interface InvoiceColumns {
  amount?: string | null;
  day?: string | null;
  kind?: string | null;
  currency?: string | null;
  units?: string | null;
}

export interface InvoiceList {
  invoices: InvoiceSummary[];
}

export interface InvoiceSummary {
  id: string;
  vendor: string;
  month: string;
  currency: string;
  lines: number;
  amount: string;
  imported_at: string;
  imported_by: string;
}

export interface InvoiceToImport {
  vendor: string;
  month: string;
  text: string;
  columns?: InvoiceColumns;
  kinds?: Record<string, string>;
  match?: Record<string, string>;
  currency?: string;
}

export interface IssueChange {
  ids: number[];
  status?: "unresolved" | "resolved" | "ignored" | null;
  resolved_in?: string;
  ignore_until?: IgnoreUntil | null;
  assignee?: string | null;
  priority?: "high" | "medium" | "low" | null;
}

export interface IssueComment {
  text: string;
}

export interface IssueDetail {
  issue: IssueSummary;
  resolved_in: string;
  ignored_until: Record<string, unknown>;
  groups: IssueGroup[];
  activity: Activity[];
  links: IssueLink[];
  suspects: SuspectCommit[];
  merged_from?: number | null;
}

export interface IssueGroup {
  hash: string;
  version: number;
  title: string;
  first_seen: string;
}

export interface IssueLink {
  id: number;
  tracker: string;
  url: string;
  title: string;
  made_at: string;
  made_by: string;
}

export interface IssueList {
  issues: IssueSummary[];
}

export interface IssueMerge {
  into: number;
  ids: number[];
}

export interface IssuePage {
  issues: IssueSummary[];
  total: number;
  counts: Record<string, number>;
  partial: boolean;
  stats: QueryStats;
}

export interface IssueSplit {
  groups: string[];
}

export interface IssueSummary {
  id: number;
  title: string;
  culprit: string;
  type: string;
  value: string;
  status: "unresolved" | "resolved" | "ignored";
  substatus: "new" | "ongoing" | "regressed" | "escalating";
  level: string;
  severity: string;
  category: string;
  priority: "high" | "medium" | "low";
  platform: string;
  service: string;
  environment: string;
  handled: boolean;
  first_seen: string;
  last_seen: string;
  first_release: string;
  last_release: string;
  assignee: string;
  events: number;
  users: number;
  trend: number[];
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

export interface Leak {
  signal: string;
  service: string;
  found: string;
  place: string;
  key: string;
  count: number;
  last_seen: string;
}

export interface LeakReport {
  leaks: Leak[];
  total: number;
  truncated: boolean;
  stats: QueryStats;
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

export interface LinePlace {
  key: string;
  time: string;
  service: string;
  title: string;
  link: string;
}

export interface LinkLoginRequest {
  token: string;
}

export interface LocationProbes {
  probes: Record<string, unknown>[];
  probing: Record<string, unknown>;
  version: number;
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

export interface MadeUpSeries {
  labels: Record<string, string>;
  kind: "gauge" | "counter" | "age";
  calm: number | null;
  incident: number | null;
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

export interface MatcherShown {
  name: string;
  operator: "=" | "!=" | "=~" | "!~";
  value: string;
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

export interface Named {
  name: string;
}

export interface NamedCount {
  name: string;
  count: number;
  last_seen: string;
}

export interface NewIssueLink {
  tracker: string;
  url?: string;
  title?: string;
}

export interface NoiseReport {
  rules: RuleNoiseShown[];
  start: string;
  end: string;
  partial: boolean;
}

export interface NoticeCreate {
  kind?: "incident" | "maintenance";
  title: string;
  impact?: "none" | "minor" | "major" | "critical";
  status?: "investigating" | "identified" | "monitoring" | "resolved" | "scheduled" | "in_progress" | "completed" | null;
  text: string;
  components?: string[];
  starts?: string | null;
  ends?: string | null;
}

export interface NoticeSay {
  status: "investigating" | "identified" | "monitoring" | "resolved" | "scheduled" | "in_progress" | "completed";
  text: string;
  title?: string | null;
  impact?: "none" | "minor" | "major" | "critical" | null;
  components?: string[] | null;
  starts?: string | null;
  ends?: string | null;
}

export interface NotificationAttempt {
  attempt: number;
  at: string;
  seconds: number;
  verdict: string;
  error: string;
  exchanges: Exchange[];
}

export interface NotificationDetail {
  id: string;
  receiver: string;
  integration: string;
  group_key: string;
  reason: string;
  firing: number;
  resolved: number;
  state: string;
  attempts: number;
  decided: string;
  created: string;
  finished: string | null;
  next_attempt: string | null;
  error: string;
  resend_of: string | null;
  group_labels: Record<string, string>;
  alerts: NotifiedAlert[];
  context: Record<string, string>;
  history: NotificationAttempt[];
}

export interface NotificationList {
  notifications: NotificationSummary[];
  more: boolean;
}

export interface NotificationSummary {
  id: string;
  receiver: string;
  integration: string;
  group_key: string;
  reason: string;
  firing: number;
  resolved: number;
  state: string;
  attempts: number;
  decided: string;
  created: string;
  finished: string | null;
  next_attempt: string | null;
  error: string;
  resend_of: string | null;
}

export interface NotifiedAlert {
  status: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  starts_at: string;
  ends_at: string | null;
  generator_url: string;
  fingerprint: string;
}

export interface OnCallAnswer {
  people: OnCallPerson[];
  schedules: OnCallSchedule[];
  escalations: OnCallEscalation[];
  overrides: OnCallOverride[];
}

export interface OnCallEscalation {
  name: string;
  description: string;
  repeat: number;
  pause_seconds: number;
  steps: OnCallStep[];
}

export interface OnCallOverride {
  id: string;
  schedule: string;
  person: string;
  start: string;
  end: string;
  created_by: string;
  reason: string;
}

export interface OnCallPerson {
  id: string;
  name: string;
  receiver: string;
}

export interface OnCallSchedule {
  name: string;
  description: string;
  zone: string;
  on_duty: string | null;
  until: string | null;
  people: string[];
}

export interface OnCallShift {
  start: string;
  end: string;
  person: string | null;
  by: string;
}

export interface OnCallShifts {
  schedule: string;
  zone: string;
  shifts: OnCallShift[];
}

export interface OnCallStep {
  after_seconds: number;
  schedules: string[];
  people: string[];
  receivers: string[];
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

export interface OrderOutcome {
  order_id: string;
  service: string;
  environment: string;
  outcome: "" | "done" | "failed" | "already_done" | "would_run" | "is_running" | "unknown" | "unknown_handler" | "gone" | "cannot_open" | "not_kept" | "does_not_fit" | "not_queued" | "queued" | "working";
  detail: string;
  seconds: number;
}

export interface OrderQuestion {
  service: string;
  environment: string;
  instance: string;
  handlers: string[];
  nonce: string;
  wait_seconds: number;
}

export interface OverrideRequest {
  person: string;
  start: string;
  end: string;
  reason?: string;
}

export interface Page {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
}

export interface PageLoadList {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  rows: PageLoadRow[];
}

export interface PageLoadRow {
  time: string;
  kind: "pageload" | "navigation";
  service: string;
  name: string;
  path: string;
  duration_ns: number;
  status: "unset" | "ok" | "error";
  trace_id: string;
  span_id: string;
  user_id: string;
  release: string;
  replay_id: string;
}

export interface Party {
  type: string;
  id: string;
}

export interface PasswordChange {
  current_password?: string | null;
  new_password: string;
}

export interface PersonDetail {
  person: string;
  distinct_ids: string[];
  properties: Record<string, string>;
  first_seen: string | null;
  last_seen: string | null;
  events: number;
  latest: ProductEvent[];
  sessions: BehindSession[];
  trace_ids: string[];
  errors: BehindError[];
  stats: QueryStats;
}

export interface PersonList {
  unit: string;
  people: PersonRow[];
  total: number;
  stats: QueryStats;
}

export interface PersonRow {
  person: string;
  name: string;
  events: number;
  last_seen: string;
  last_event: string;
  sessions: BehindSession[];
  trace_ids: string[];
  errors: number;
}

export interface PlanChange {
  path: string;
  kind: "added" | "removed" | "changed";
  before?: unknown;
  after?: unknown;
}

export interface PlanDraft {
  text: string;
  services: number;
  events: number;
  metrics: number;
}

export interface PlanFile {
  text: string;
}

export interface PlanProblem {
  file: string;
  line: number;
  column: number;
  message: string;
  severity: "error" | "warning" | "info";
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

export interface ProbeAnswer {
  summary: ProbeSummary;
  changes: ProbeChange[];
  days: ProbeDay[];
}

export interface ProbeAsk {
  probe: string;
}

export interface ProbeAttempt {
  at: string;
  seconds: number;
  success: boolean;
  reason: string;
  detail: string;
  phases: Record<string, number>;
  facts: Record<string, string>;
}

export interface ProbeChange {
  id: number;
  at: string;
  state_from: "new" | "up" | "down" | "unknown";
  state_to: "new" | "up" | "down" | "unknown";
  reason: string;
  detail: string;
}

export interface ProbeDay {
  day: string;
  up_seconds: number;
  down_seconds: number;
  unknown_seconds: number;
}

export interface ProbeList {
  probes: ProbeSummary[];
  location: string;
}

export interface ProbeLocation {
  location: string;
  state: "new" | "up" | "down" | "unknown";
  since: string | null;
  silent: boolean;
  last: ProbeAttempt | null;
  certificate_expires: string | null;
}

export interface ProbeReport {
  probe: string;
  result: ReportedResult;
  standing: ReportedStanding;
}

export interface ProbeReports {
  reports: ProbeReport[];
}

export interface ProbeReportsTaken {
  taken: number;
  version: number;
}

export interface ProbeSummary {
  name: string;
  description: string;
  kind: "http" | "tcp" | "tls" | "dns" | "icmp" | "grpc" | "websocket" | "redis" | "postgresql";
  target: string;
  interval_seconds: number;
  labels: Record<string, string>;
  state: "new" | "up" | "down" | "unknown";
  since: string | null;
  reason: string;
  detail: string;
  flapping: boolean;
  locations: ProbeLocation[];
  certificate_expires: string | null;
  availability: number | null;
}

export interface Problem {
  error: string;
  code: string;
  request_id: string;
  column?: number | null;
  expected?: string[] | null;
}

export interface ProductEvent {
  id: string;
  timestamp: string;
  event: string;
  source: "events" | "logs";
  person: string;
  distinct_id: string;
  session_id: string;
  service: string;
  environment: string;
  url: string;
  trace_id: string;
  properties: Record<string, unknown>;
  flags: Record<string, string>;
  adjustments: string[];
}

export interface ProductEventPage {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  events: ProductEvent[];
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

export interface PropertyNames {
  properties: NamedCount[];
  stats: QueryStats;
}

export interface PropertyValue {
  value: string;
  count: number;
}

export interface PropertyValues {
  values: PropertyValue[];
  stats: QueryStats;
}

export interface QueryStats {
  elapsed_ms: number;
}

export interface Ready {
  ready: boolean;
  checks: Check[];
}

export interface ReceivedAnswer {
  status?: number | null;
  headers?: Record<string, string>;
  body?: string;
}

export interface ReceivedSignal {
  signal: "traces" | "logs" | "metrics" | "errors" | "events" | "domain_events";
  received: boolean;
  services: string[];
  last: string | null;
}

export interface ReceiverList {
  receivers: ReceiverStatus[];
}

export interface ReceiverShown {
  name: string;
  integrations: string[];
  unsupported: string[];
}

export interface ReceiverStatus {
  name: string;
  integrations: IntegrationStatus[];
}

export interface ReceiverTest {
  message?: string;
}

export interface ReceiverTested {
  results: TestedIntegration[];
}

export interface Reconciliation {
  invoice: InvoiceSummary;
  match: Record<string, string>;
  currency: string;
  total: Difference;
  by_kind: Difference[];
  by_day: Difference[];
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

export interface RehearsalLine {
  labels: Record<string, string>;
  points: RehearsalPoint[];
}

export interface RehearsalMessage {
  at: string;
  receiver: string;
  integration: string;
  reason: string;
  firing: number;
  resolved: number;
  group_labels: Record<string, string>;
  summary: string;
}

export interface RehearsalPoint {
  at: number;
  value: number;
}

export interface RehearsedRule {
  rule_id: string;
  alert: string;
  group: string;
  file: string;
  severity: string;
  drilled_at: string | null;
  drilled_by: string | null;
  passed: boolean | null;
  told: string[];
  changed: boolean;
}

export interface RehearsedRules {
  rules: RehearsedRule[];
  never: number;
}

export interface RelatedId {
  kind: "trace" | "correlation" | "request" | "job" | "message" | "session" | "user" | "entity";
  value: string;
  via: StoryId;
  line: LinePlace;
  followed: boolean;
  lines: number;
}

export interface ReleaseCreate {
  version: string;
  url?: string;
  ref?: string;
  released?: string | null;
  commits?: CommitCreate[] | null;
}

export interface ReleaseDetail {
  summary: ReleaseSummary;
  deploys: DeployShown[];
  commits: CommitShown[];
  new_issues: ReleaseIssue[];
  step_seconds: number;
  points: ReleasePoint[];
  stats: QueryStats;
}

export interface ReleaseHealth {
  sessions: number;
  crashed: number;
  abnormal: number;
  errored: number;
  users: number;
  crashed_users: number;
  crash_free_sessions: number | null;
  crash_free_users: number | null;
  adoption_sessions: number | null;
  adoption_users: number | null;
}

export interface ReleaseIssue {
  id: string;
  title: string;
  level: string;
  status: string;
  first_seen: string;
}

export interface ReleaseList {
  releases: ReleaseSummary[];
  total: number;
  stats: QueryStats;
}

export interface ReleasePoint {
  time: string;
  sessions: number;
  crashed: number;
  users: number;
  adoption_sessions: number | null;
}

export interface ReleaseSummary {
  version: string;
  known: boolean;
  created: string | null;
  released: string | null;
  archived: boolean;
  url: string;
  ref: string;
  first_seen: string | null;
  last_seen: string | null;
  commits: number;
  deploys: number;
  last_deploy: DeployShown | null;
  files: number;
  events: number;
  unhandled: number;
  new_issues: number;
  health: ReleaseHealth;
}

export interface ReplayAsk {
  ids?: string[];
  handler?: string;
  service?: string;
  environments?: string[];
  issue?: number | null;
  project?: number;
  reason: string;
  dry_run?: boolean;
  confirm_unknown?: boolean;
  rate_per_minute?: number;
}

export interface ReplayAsked {
  batch_id: string;
  ordered: number;
  left_out: number;
}

export interface ReplayBatch {
  batch_id: string;
  counts: ReplayCount[];
  orders: HandlerOrder[];
}

export interface ReplayCancelled {
  cancelled: number;
}

export interface ReplayCount {
  state: "waiting" | "given" | "finished" | "cancelled" | "expired";
  outcome: "" | "done" | "failed" | "already_done" | "would_run" | "is_running" | "unknown" | "unknown_handler" | "gone" | "cannot_open" | "not_kept" | "does_not_fit" | "not_queued" | "queued" | "working";
  orders: number;
}

export interface ReplayDetail {
  summary: ReplaySummary;
  users: string[];
  sdk: string;
  bytes: number;
  unpacked_bytes: number;
  events: number;
  cut: string;
  missing_segments: number;
  segments: ReplaySegment[];
  errors: ReplayError[];
  traces: ReplayTrace[];
}

export interface ReplayError {
  event_id: string;
  at: string;
  is_stored: boolean;
  title: string;
  group: string;
}

export interface ReplayPage {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  replays: ReplaySummary[];
}

export interface ReplaySegment {
  segment: number;
  start: string;
  end: string;
  bytes: number;
  events: number;
}

export interface ReplaySummary {
  id: string;
  started: string;
  finished: string;
  duration_ms: number;
  user: string;
  urls: string[];
  release: string;
  environment: string;
  browser: string;
  os: string;
  device: string;
  errors: number;
  clicks: number;
  dead_clicks: number;
  rage_clicks: number;
  is_buffer: boolean;
  seen: boolean;
}

export interface ReplayTrace {
  trace_id: string;
  at: string;
}

export interface ReplayUsage {
  replays: number;
  bytes: number;
  bytes_max: number;
  retention_days: number;
  oldest: string | null;
}

export interface ReplaysDeleted {
  deleted: number;
}

export interface ReportedResult {
  at_ns: number;
  seconds: number;
  reason: string | null;
  detail: string;
  phases: Record<string, number>;
  values: Record<string, number>;
  facts: Record<string, string>;
  reached: boolean;
}

export interface ReportedStanding {
  state: "new" | "up" | "down" | "unknown";
  since_ns: number;
  reason: string;
  detail: string;
  misses: number;
  successes: number;
  changes: number[];
  flapping: boolean;
}

export interface Resent {
  id: string;
}

export interface Retention {
  traces: number;
  logs: number;
  metrics: number;
  errors?: number;
  events?: number;
  domain_events?: number;
}

export interface RetentionCohort {
  start: string;
  size: number;
  returned: number[];
}

export interface RetentionReport {
  interval: "day" | "week" | "month";
  periods: number;
  cohorts: RetentionCohort[];
  average: (number | null)[];
  stats: QueryStats;
}

export interface RouteAsked {
  route_id: string;
  depth: number;
  matchers: string;
  receiver: string;
  taken: boolean;
  chosen: boolean;
  failed: string | null;
  ends: boolean;
}

export interface RouteDigest {
  receiver: string;
  at: string;
}

export interface RoutePerson {
  policy: string;
  after_seconds: number;
  schedule: string;
  person: string;
  name: string;
  receiver: string;
}

export interface RouteShown {
  id: string;
  matchers: string;
  receiver: string;
  goes_on: boolean;
  group_by: string[];
  group_wait_seconds: number;
  group_interval_seconds: number;
  repeat_interval_seconds: number;
  mute_times: string[];
  active_times: string[];
  muted_by: string[];
  alerts: number;
  routes: RouteShown[];
}

export interface RouteTold {
  receiver: string;
  route_id: string;
  group_key: string;
  integrations: string[];
  group_wait_seconds: number;
  muted_by: string[];
  on_call: RoutePerson[];
  digests: RouteDigest[];
}

export interface RouteVitals {
  route: string;
  count: number;
  vitals: Record<string, VitalFigures>;
}

export interface RoutingAnswer {
  at: string;
  steps: RouteAsked[];
  told: RouteTold[];
  silenced_by: string[];
  inhibited_by: string[];
  maintenance: string[];
}

export interface RoutingQuestion {
  labels: Record<string, string>;
  time?: string | null;
}

export interface RoutingTree {
  root: RouteShown;
  receivers: ReceiverShown[];
  intervals: string[];
  built_in: boolean;
}

export interface RuleAlert {
  fingerprint: string;
  state: "inactive" | "pending" | "firing";
  labels: Record<string, string>;
  annotations: Record<string, string>;
  value: string;
  active_at: string;
  fired_at: string | null;
  keep_firing_since: string | null;
}

export interface RuleDetail {
  rule: RuleSummary;
  file: string;
  group: string;
  interval_seconds: number;
  looks_at: string;
  operator: string | null;
  threshold: number | null;
  alerts: RuleAlert[];
  alerts_total: number;
}

export interface RuleGroup {
  file: string;
  name: string;
  built_in: boolean;
  interval_seconds: number;
  query_offset_seconds: number;
  limit: number;
  evaluated_at: string | null;
  evaluation_seconds: number;
  next_due: string;
  missed: number;
  rules: RuleSummary[];
}

export interface RuleGroups {
  evaluating: boolean;
  behind_seconds: number;
  groups: RuleGroup[];
}

export interface RuleHistory {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  transitions: RuleTransition[];
}

export interface RuleNoiseShown {
  rule: string;
  fired: number;
  notified: number;
  acknowledged: number;
  slept_through: number;
  flapped: number;
  silenced: number;
  median_seconds: number | null;
  suggestions: string[];
}

export interface RuleSummary {
  id: string;
  kind: "alerting" | "recording";
  name: string;
  query: string;
  written_as: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  for_seconds: number;
  keep_firing_for_seconds: number;
  line: number;
  state: "inactive" | "pending" | "firing";
  health: "unknown" | "ok" | "err";
  error: string;
  warnings: string[];
  evaluated_at: string | null;
  evaluation_seconds: number;
  pending: number;
  firing: number;
}

export interface RuleTransition {
  id: number;
  time: string;
  rule_id: string;
  file: string;
  group: string;
  alert: string;
  fingerprint: string;
  before: "inactive" | "pending" | "firing";
  after: "inactive" | "pending" | "firing";
  value: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface RunbookAlert {
  fingerprint: string;
  name: string;
  status: "firing" | "resolved";
  labels: Record<string, string>;
  starts_at: string;
}

export interface RunbookAnswer {
  name: string;
  title: string;
  file: string;
  alert: RunbookAlert | null;
  blocks: RunbookBlock[];
}

export interface RunbookBlock {
  kind: "markdown" | "promql" | "logql" | "logs" | "traces" | "sql" | "story";
  markdown: string;
  steps: RunbookStep[];
  title: string;
  query: string;
  start: string | null;
  end: string | null;
  missing: string[];
  problem: string;
}

export interface RunbookList {
  runbooks: RunbookSummary[];
}

export interface RunbookStep {
  id: string;
  text: string;
  line: number;
  done_by: string | null;
  done_at: string | null;
}

export interface RunbookSummary {
  name: string;
  title: string;
  file: string;
  steps: number;
  live_blocks: number;
}

export interface RunbookTick {
  runbook: string;
  fingerprint: string;
  step: string;
  done: boolean;
}

export interface SavedFunnel {
  id: string;
  name: string;
  funnel: Funnel;
  changed_at: string;
  changed_by: string;
}

export interface SavedFunnels {
  funnels: SavedFunnel[];
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

export interface SentRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  body_characters?: number | null;
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

export interface SessionBucket {
  from_seconds: number;
  to_seconds: number | null;
  count: number;
}

export interface SessionDay {
  start: string;
  sessions: number;
  persons: number;
  p50_seconds: number | null;
  p90_seconds: number | null;
}

export interface SessionDurations {
  stats_of_all: SessionStats;
  buckets: SessionBucket[];
  days: SessionDay[];
  stats: QueryStats;
}

export interface SessionList {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  sessions: SessionRow[];
}

export interface SessionRow {
  id: string;
  start: string;
  duration_seconds: number;
  events: number;
  person: string;
  entry: string;
  errors: number;
  trace_ids: string[];
}

export interface SessionStats {
  count: number;
  p50_seconds: number | null;
  p75_seconds: number | null;
  p90_seconds: number | null;
  mean_seconds: number | null;
  single: number;
  events_per_session: number | null;
  persons: number;
}

export interface SignalStatus {
  signal: "traces" | "logs" | "metrics" | "errors" | "events" | "domain_events";
  rows: number;
  bytes_on_disk: number;
  newest: string | null;
  oldest: string | null;
  accepted: number;
  freshness_p50_seconds: number | null;
  freshness_p99_seconds: number | null;
  retention_days: number;
}

export interface SilenceKept {
  silenceID: string;
}

export interface SilenceList {
  silences: SilenceShown[];
  total: number;
}

export interface SilenceMatcher {
  name: string;
  value: string;
  isRegex: boolean;
  isEqual?: boolean;
}

export interface SilencePreview {
  hides: number;
  alerts: AlertShown[];
  never: string;
}

export interface SilenceRequest {
  matchers?: MatcherShown[];
  text?: string;
  starts_at?: string | null;
  ends_at: string;
  comment: string;
}

export interface SilenceShown {
  id: string;
  state: "active" | "pending" | "expired";
  matchers: MatcherShown[];
  text: string;
  starts_at: string;
  ends_at: string;
  updated_at: string;
  created_by: string;
  comment: string;
  hides: number;
}

export interface SilenceStatus {
  state: "expired" | "active" | "pending";
}

export interface SloBurn {
  urgency: "page" | "ticket";
  long: string;
  short: string;
  factor: number;
  long_burn: number | null;
  short_burn: number | null;
  alerts: boolean;
}

export interface SloInterval {
  start: string;
  end: string;
}

export interface SloList {
  objectives: SloSummary[];
}

export interface SloPoint {
  at: number;
  left: number;
}

export interface SloReport {
  objective: SloSummary;
  error_ratio: number | null;
  budget_left: number | null;
  excluded_seconds: number;
  excluded: SloInterval[];
  burns: SloBurn[];
  history: SloPoint[];
  rules: string;
}

export interface SloSummary {
  id: string;
  service: string;
  name: string;
  description: string;
  target: number;
  window_seconds: number;
  file: string;
  labels: Record<string, string>;
  budget_left: number | null;
  burn_rate: number | null;
  period_burn_rate: number | null;
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

export interface StandingCounts {
  all: number;
  open: number;
  acknowledged: number;
  snoozed: number;
  silenced: number;
  inhibited: number;
  muted: number;
}

export interface StateMachine {
  type: string;
  description: string;
  planned: boolean;
  states: StateNow[];
  transitions: Transition[];
  times: string[];
  step_seconds: number;
  illegal: DomainEvent[];
  stuck: StuckEntity[];
  partial: boolean;
  stats: QueryStats;
}

export interface StateNow {
  state: string;
  known: boolean;
  initial: boolean;
  terminal: boolean;
  entities: number;
  share: number;
  stuck_after_seconds: number | null;
  stuck: number;
}

export interface StatusComponent {
  name: string;
  group?: string;
  description?: string;
  probes?: string[];
  heartbeats?: string[];
}

export interface StatusComponentState {
  name: string;
  state: "operational" | "maintenance" | "degraded" | "partial_outage" | "major_outage" | "unknown";
  availability: number | null;
}

export interface StatusDefinition {
  title: string;
  description?: string;
  path?: string;
  host?: string;
  subscribe_by_mail?: boolean;
  components?: StatusComponent[];
}

export interface StatusMails {
  delivered: number;
  waiting: number;
  failed: number;
}

export interface StatusNotice {
  id: string;
  kind: "incident" | "maintenance";
  title: string;
  impact: "none" | "minor" | "major" | "critical";
  status: "investigating" | "identified" | "monitoring" | "resolved" | "scheduled" | "in_progress" | "completed";
  components: string[];
  starts: string;
  ends: string | null;
  updates: StatusUpdate[];
  mails: StatusMails | null;
}

export interface StatusPageAnswer {
  definition: StatusDefinition;
  source: "plan" | "workspace" | "none";
  state: "operational" | "maintenance" | "degraded" | "partial_outage" | "major_outage" | "unknown" | null;
  components: StatusComponentState[];
  notices: StatusNotice[];
  subscriptions: StatusSubscriptions;
}

export interface StatusSubscriber {
  id: string;
  address: string;
  components: string[];
  since: string;
}

export interface StatusSubscriberList {
  subscribers: StatusSubscriber[];
  count: number;
}

export interface StatusSubscriptions {
  offered: boolean;
  mail_server: boolean;
  subscribers: number;
  mails: StatusMails;
  waiting_since: string | null;
  error: string;
}

export interface StatusUpdate {
  at: string;
  status: "investigating" | "identified" | "monitoring" | "resolved" | "scheduled" | "in_progress" | "completed";
  text: string;
  by: string;
}

export interface StorageList {
  disk_bytes: number;
  currency: string;
  rows: StorageRow[];
}

export interface StorageRow {
  signal: string;
  service: string;
  day: string;
  items: number;
  sent_bytes: number;
  disk_bytes: number;
  a_month: string | null;
}

export interface StoryAnswer {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  asked: AskedId[];
  lines: StoryLine[];
  total_lines: number;
  kinds: Record<string, number>;
  levels: Record<string, number>;
  services: StoryService[];
  remarks: StoryRemark[];
  related: RelatedId[];
  start: string | null;
  end: string | null;
  older: number;
  cut: string[];
}

export interface StoryId {
  kind: "trace" | "correlation" | "request" | "job" | "message" | "session" | "user" | "entity";
  value: string;
}

export interface StoryLine {
  key: string;
  time: string;
  service: string;
  title: string;
  link: string;
  kind: "span" | "job" | "message" | "log" | "error" | "event" | "product" | "replay" | "alert" | "deploy";
  environment: string;
  level: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "unknown";
  detail: string;
  failed: boolean;
  duration_ns: number;
  ids: StoryId[];
  spans: number;
}

export interface StoryRemark {
  kind: "failure" | "unfinished" | "gap" | "duplicate" | "retry" | "correlation";
  weight: "bad" | "warning" | "note";
  text: string;
  lines: LinePlace[];
}

export interface StoryService {
  name: string;
  lines: number;
  failed: number;
}

export interface StuckEntity {
  id: string;
  environment: string;
  state: string;
  since: string;
  seconds: number;
}

export interface SuspectCommit {
  release: string;
  sha: string;
  author: string;
  message: string;
  files: string[];
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

export interface Tag {
  name: string;
  total: number;
  distinct: number;
  values: TagValue[];
}

export interface TagList {
  tags: Tag[];
}

export interface TagValue {
  value: string;
  events: number;
}

export interface TestedIntegration {
  integration: string;
  notification_id: string;
  delivered: boolean;
  error: string;
  seconds: number;
  exchanges: Exchange[];
}

export interface ToldRun {
  id: string;
  handler: string;
  key: string;
  state: "failed" | "stuck" | "unknown" | "done";
  revision: number;
  attempt: number;
  service: string;
  environment: string;
  started_ms: number;
  ended_ms: number;
  order_id: string;
  payload: Record<string, unknown>;
  refusal: string;
  error_type: string;
  error_text: string;
  event_id: string;
  trace_id: string;
  span_id: string;
  correlation_id: string;
}

export interface ToldRuns {
  runs: Record<string, unknown>[];
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

export interface TrackerList {
  trackers: string[];
}

export interface Transition {
  from_state: string;
  to_state: string;
  count: number;
  share: number;
  legal: boolean;
  points: number[];
}

export interface Trend {
  step_seconds: number;
  points: TrendPoint[];
}

export interface TrendPoint {
  time: string;
  events: number;
  users: number;
}

export interface TrendSeries {
  value: string;
  rest: boolean;
  counts: number[];
  total: number;
}

export interface Trends {
  interval: "hour" | "day" | "week" | "month";
  buckets: string[];
  series: TrendSeries[];
  total: number;
  stats: QueryStats;
}

export interface UnitCostList {
  currency: string;
  units: UnitCostRow[];
}

export interface UnitCostRow {
  name: string;
  match: Record<string, string>;
  source: string;
  search: string;
  spent: string;
  count: string;
  each: string | null;
}

export interface UnpricedList {
  rows: UnpricedRow[];
  llm_prices_as_of: string;
}

export interface UnpricedRow {
  reason: "no_price" | "no_rate";
  kind: string;
  provider: string;
  model: string;
  currency: string;
  uses: number;
  units: string;
  last: string;
  service: string;
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

export interface VerifyCheck {
  name: string;
  title: string;
  state: "waiting" | "done" | "failed";
  error: string;
  seconds: number;
  findings: number;
  rows: number;
}

export interface VerifyFinding {
  id: string;
  check: string;
  kind: string;
  severity: "error" | "warning";
  subject: string;
  expected: string;
  found: string;
  todo: string;
  since: string | null;
  link: string;
  snippet: string;
}

export interface VerifyReport {
  state: "running" | "done";
  environment: string;
  start: string;
  end: string;
  checks: VerifyCheck[];
  errors: number;
  warnings: number;
  findings: VerifyFinding[];
  rows: ContractRow[];
}

export interface Vital {
  name: "lcp" | "inp" | "cls" | "fcp" | "ttfb" | "fid";
  good_to: number;
  poor_above: number;
  figures: VitalFigures | null;
  previous_p75: number | null;
  points: VitalPoint[];
}

export interface VitalChoice {
  value: string;
  count: number;
}

export interface VitalFigures {
  p75: number;
  count: number;
  good: number;
  needs_improvement: number;
  poor: number;
  rating: "good" | "needs-improvement" | "poor";
}

export interface VitalPoint {
  time: string;
  p75: number;
  count: number;
}

export interface VitalSample {
  time: string;
  name: "lcp" | "inp" | "cls" | "fcp" | "ttfb" | "fid";
  value: number;
  rating: "good" | "needs-improvement" | "poor";
  service: string;
  route: string;
  path: string;
  trace_id: string;
  span_id: string;
  device: string;
  browser: string;
  release: string;
  user_id: string;
  session_id: string;
  replay_id: string;
  element: string;
}

export interface VitalSamples {
  next_cursor?: string | null;
  partial?: boolean;
  stats: QueryStats;
  rows: VitalSample[];
}

export interface VitalsReport {
  vitals: Vital[];
  routes: RouteVitals[];
  routes_total: number;
  choices: Record<string, VitalChoice[]>;
  sessions: BrowserSessions;
  step_seconds: number;
  counted_every: number;
  stats: QueryStats;
}

export interface WalStatus {
  segments_waiting: number;
  bytes_waiting: number;
  bytes_max: number;
  oldest_waiting_seconds: number;
}

export interface Watched {
  query: string;
  operator: string | null;
  threshold: number | null;
  lines: RehearsalLine[];
  more_lines: number;
}
