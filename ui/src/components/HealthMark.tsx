import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
} from "@tabler/icons-react";
import { type Health, HEALTH_WORD } from "@/model/red";

const ICON = {
  good: IconCircleCheckFilled,
  warning: IconAlertTriangleFilled,
  bad: IconCircleXFilled,
  idle: IconCircleDashed,
};

/** An icon of its own shape per state; the word is there for who cannot see it. */
export function HealthMark({ health, size = 16 }: { health: Health; size?: number }) {
  const Icon = ICON[health];
  return (
    <span
      title={HEALTH_WORD[health]}
      style={{ display: "inline-flex", color: `var(--${health === "idle" ? "text-soft" : `${health}-line`})` }}
    >
      <Icon size={size} aria-hidden />
      <span className="visually-hidden">{HEALTH_WORD[health]}</span>
    </span>
  );
}
