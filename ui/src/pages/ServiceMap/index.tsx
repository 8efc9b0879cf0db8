import { PageFrame } from "@/components/PageFrame";

export function ServiceMap() {
  return <PageFrame title="ServiceMap">{null}</PageFrame>;
}
