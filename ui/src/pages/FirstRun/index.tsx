import { PageFrame } from "@/components/PageFrame";

export function FirstRun() {
  return <PageFrame title="FirstRun">{null}</PageFrame>;
}
