import { Link } from "@tanstack/react-router";
import type { ServiceSummary } from "@/api/types";
import { Change } from "@/components/Change";
import { HealthMark } from "@/components/HealthMark";
import { Middle } from "@/components/Middle";
import { Sparkline } from "@/components/Sparkline";
import { RelativeTime } from "@/components/Time";
import { formatCount, formatExact, formatMillis, formatRate, formatShare, searchValue } from "@/lib/format";
import { healthOf } from "@/model/red";

export function ServiceRow({ service, current }: { service: ServiceSummary; current: boolean }) {
  const { previous } = service;
  const health = healthOf(service);
  return (
    <tr data-current={current} aria-selected={current}>
      <td>
        <span className="row">
          <HealthMark health={health} />
          <Link to="/services/$name" params={{ name: service.name }} title={service.name} className="name-cell">
            <Middle text={service.name} />
          </Link>
        </span>
      </td>
      <td className="num" title={`${formatExact(service.requests)} requests`}>
        <Change now={service.rate} before={previous.rate} /> {formatRate(service.rate)}
      </td>
      <td className="num" title={`${formatExact(service.errors)} errors`}>
        <Change now={service.error_ratio} before={previous.error_ratio} worse="up" />{" "}
        <span className={health === "bad" || health === "warning" ? health : undefined}>
          {service.requests > 0 ? formatShare(service.error_ratio) : "–"}
        </span>
      </td>
      <td className="num wide-only">{formatMillis(service.p50_ms)}</td>
      <td className="num">
        <Change now={service.p95_ms} before={previous.p95_ms} worse="up" /> {formatMillis(service.p95_ms)}
      </td>
      <td className="num wide-only">{formatMillis(service.p99_ms)}</td>
      <td className="num wide-only">
        {service.log_errors > 0 ? (
          <Link to="/logs" search={{ query: `service:${searchValue(service.name)} level:error` } as never}>
            {formatCount(service.log_errors)}
          </Link>
        ) : (
          "0"
        )}
      </td>
      <td className="wide-only">
        <span className="row">
          <Sparkline values={service.sparkline} />
          <Sparkline values={service.error_sparkline} color="var(--bad-line)" width={48} />
        </span>
      </td>
      <td className="soft wide-only" style={{ whiteSpace: "nowrap" }}>
        <RelativeTime time={service.last_seen} />
      </td>
    </tr>
  );
}
