import { PageFrame } from "@/components/PageFrame";

export function Services() {
  return <PageFrame title="Services">{null}</PageFrame>;
}
