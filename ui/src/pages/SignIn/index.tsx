import { PageFrame } from "@/components/PageFrame";

export function SignIn() {
  return <PageFrame title="SignIn">{null}</PageFrame>;
}
