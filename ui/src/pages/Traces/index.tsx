import { PageFrame } from "@/components/PageFrame";

export function Traces() {
  return <PageFrame title="Traces">{null}</PageFrame>;
}
