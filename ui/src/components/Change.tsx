import { formatChange } from "@/lib/format";

/** How a figure changed against the period before; coloured only where more is worse and it got much worse. */
export function Change({
  now,
  before,
  worse = "none",
}: {
  now: number | null;
  before: number | null;
  worse?: "up" | "none";
}) {
  const text = formatChange(now, before);
  if (text === null) return null;
  const much = worse === "up" && now !== null && before !== null && now > before * 1.25;
  return (
    <span className={`small wide-only ${much ? "bad" : "soft"}`} title="Against the period before">
      {text}
    </span>
  );
}
