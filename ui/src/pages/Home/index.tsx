import { PageFrame } from "@/components/PageFrame";

export function Home() {
  return <PageFrame title="Home">{null}</PageFrame>;
}
