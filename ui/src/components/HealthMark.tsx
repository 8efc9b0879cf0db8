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

/** An icon of its own shape per state; the word is there for who cannot see it, and for all where it is given. */
export function HealthMark({ health, size = 16, word }: { health: Health; size?: number; word?: string }) {
  const Icon = ICON[health];
  if (word !== undefined)
    return (
      <span className="row" style={{ gap: 4 }}>
        <Icon size={size} aria-hidden style={{ flex: "none", color: colorOf(health) }} />
        {word}
      </span>
    );
  return (
    <span title={HEALTH_WORD[health]} style={{ display: "inline-flex", color: colorOf(health) }}>
      <Icon size={size} aria-hidden />
      <span className="visually-hidden">{HEALTH_WORD[health]}</span>
    </span>
  );
}

function colorOf(health: Health): string {
  return `var(--${health === "idle" ? "text-soft" : `${health}-line`})`;
}
