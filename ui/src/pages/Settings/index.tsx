import { PageFrame } from "@/components/PageFrame";

export function Settings() {
  return <PageFrame title="Settings">{null}</PageFrame>;
}
