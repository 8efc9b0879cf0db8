import { PageFrame } from "@/components/PageFrame";

export function Service() {
  return <PageFrame title="Service">{null}</PageFrame>;
}
