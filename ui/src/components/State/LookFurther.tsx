import { Button } from "@mantine/core";
import { longer } from "@/model/range";
import { useScope } from "@/state/scope";

/** The same question over a longer range, in one click. */
export function LookFurther() {
  const { range, setRange } = useScope();
  const next = longer(range, Date.now());
  if (!next) return null;
  return (
    <Button variant="default" onClick={() => setRange({ start: next.start, end: "now" })}>
      Look at the l{next.label.slice(1)}
    </Button>
  );
}
