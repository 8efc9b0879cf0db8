import type { RouteVitals } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { formatCount, formatExact } from "@/lib/format";
import { measuredIn, RATING_WORDS, ratingHealth, sharesOf, type VitalName, vitalText } from "@/model/vitals";
import classes from "./Vitals.module.css";

const NARROW: readonly VitalName[] = ["lcp", "inp", "cls"];

/** p75 of each vital by route; a row opens the measurements behind it. */
export function RouteTable({
  routes,
  current,
  onOpen,
}: {
  routes: readonly RouteVitals[];
  current: number;
  onOpen: (route: string) => void;
}) {
  const names = measuredIn(routes);
  const columns = [
    { label: "Route" },
    { label: "Measured", numeric: true, wideOnly: true },
    ...names.map((name) => ({ label: name.toUpperCase(), numeric: true, wideOnly: !NARROW.includes(name) })),
  ];
  return (
    <LongTable
      label="Vitals by route"
      what={["route", "routes"]}
      items={routes}
      columns={columns}
      current={current}
      text={(one) => one.route}
      row={(one, at) => (
        <tr key={one.route} className={classes.row} data-current={at === current} onClick={() => onOpen(one.route)}>
          <td className={classes.route}>
            <button type="button" className="row-open truncate" title={one.route}>
              {one.route || <span className="soft">not told</span>}
            </button>
          </td>
          <td className="num wide-only soft" title={formatExact(one.count)}>
            {formatCount(one.count)}
          </td>
          {names.map((name) => (
            <td key={name} className={`num ${NARROW.includes(name) ? "" : "wide-only"}`}>
              <P75 name={name} route={one} />
            </td>
          ))}
        </tr>
      )}
    />
  );
}

function P75({ name, route }: { name: VitalName; route: RouteVitals }) {
  const figures = route.vitals[name];
  if (!figures) return <span className="soft">–</span>;
  const health = ratingHealth(figures.rating);
  const poor = sharesOf(figures).find((one) => one.rating === "poor");
  return (
    <span
      className={health === "good" ? undefined : health}
      title={`${RATING_WORDS[figures.rating]}; ${formatExact(poor?.count ?? 0)} of ${formatExact(figures.count)} poor`}
    >
      {health !== "good" && <span aria-hidden>{health === "bad" ? "▲ " : "△ "}</span>}
      {vitalText(name, figures.p75)}
      <span className="visually-hidden">, {RATING_WORDS[figures.rating]}</span>
    </span>
  );
}
