import { FieldTable } from "./FieldTable";

/** Names and values, by name. */
export function LabelTable({ title, labels }: { title: string; labels: Record<string, string> }) {
  return <FieldTable title={title} rows={Object.entries(labels).sort(([a], [b]) => a.localeCompare(b))} />;
}
