import { Link } from "@tanstack/react-router";
import type { Dependency } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { formatMillis, formatRate, formatShare } from "@/lib/format";
import { healthOf } from "@/model/red";
import classes from "./Dependencies.module.css";

export function Dependencies({
  upstream,
  downstream,
}: {
  upstream: readonly Dependency[];
  downstream: readonly Dependency[];
}) {
  return (
    <div className={classes.columns}>
      <Table title="Called by" list={upstream} none="Nobody in this range: requests come from outside." />
      <Table title="Calls" list={downstream} none="Nothing in this range." />
    </div>
  );
}

function Table({ title, list, none }: { title: string; list: readonly Dependency[]; none: string }) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label={title}>
      <table className="dense">
        <thead>
          <tr>
            <th>{title}</th>
            <th className="num">Calls</th>
            <th className="num">Errors</th>
            <th className="num">p95</th>
          </tr>
        </thead>
        <tbody>
          {list.map((one) => (
            <tr key={`${one.type} ${one.name}`}>
              <td>
                <span className="row">
                  <HealthMark health={healthOf(one)} />
                  {one.type === "service" ? (
                    <Link to="/services/$name" params={{ name: one.name }}>
                      {one.name}
                    </Link>
                  ) : (
                    one.name
                  )}
                  {one.type !== "service" && <span className="soft small">{one.type}</span>}
                </span>
              </td>
              <td className="num">{formatRate(one.rate)}</td>
              <td className="num">{formatShare(one.error_ratio)}</td>
              <td className="num">{formatMillis(one.p95_ms)}</td>
            </tr>
          ))}
          {list.length === 0 && (
            <tr>
              <td colSpan={4} className="soft">
                {none}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
