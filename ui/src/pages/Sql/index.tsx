import { PageFrame } from "@/components/PageFrame";

export function Sql() {
  return <PageFrame title="Sql">{null}</PageFrame>;
}
