/** A series in a legend: it shows and hides. */
export function LegendName(props: {
  name: string;
  color: string;
  shown: boolean;
  onToggle: (name: string, adding: boolean) => void;
}) {
  const { name, color } = props;
  return (
    <button
      type="button"
      aria-pressed={props.shown}
      title={`${name}. Click: alone. Ctrl-click: add or take away`}
      onClick={(event) => props.onToggle(name, event.ctrlKey || event.metaKey)}
    >
      <i style={{ background: color }} />
      <span>{name}</span>
    </button>
  );
}
