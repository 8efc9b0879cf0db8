import { PageFrame } from "@/components/PageFrame";

export function Trace() {
  return <PageFrame title="Trace">{null}</PageFrame>;
}
