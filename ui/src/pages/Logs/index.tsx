import { PageFrame } from "@/components/PageFrame";

export function Logs() {
  return <PageFrame title="Logs">{null}</PageFrame>;
}
