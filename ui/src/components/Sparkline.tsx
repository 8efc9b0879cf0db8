/** A line the height of a table row; decoration for a figure that stands beside it. */
export function Sparkline({
  values,
  color = "var(--series-0)",
  width = 96,
  height = 20,
}: {
  values: readonly number[];
  color?: string;
  width?: number;
  height?: number;
}) {
  if (values.length < 2) return <span className="soft">–</span>;
  const max = Math.max(...values, Number.MIN_VALUE);
  const points = values.map((value, at) => {
    const x = (at / (values.length - 1)) * width;
    const y = height - 1.5 - (value / max) * (height - 3);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      style={{ display: "block" }}
    >
      <polygon points={`0,${height} ${points.join(" ")} ${width},${height}`} fill={color} opacity={0.12} />
      <polyline points={points.join(" ")} fill="none" stroke={color} strokeWidth={1.5} strokeLinejoin="round" />
    </svg>
  );
}
