import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ApiError } from "@/api/client";
import type { ServiceList } from "@/api/types";
import { Change } from "@/components/Change";
import { HealthMark } from "@/components/HealthMark";
import { Middle } from "@/components/Middle";
import { Sparkline } from "@/components/Sparkline";
import { Loaded, SkeletonRows } from "@/components/State";
import { formatExact, formatMillis, formatRate, formatShare } from "@/lib/format";
import { healthOf } from "@/model/red";

const SHOWN_MAX = 12;
const WEIGHT = { bad: 0, warning: 1, good: 2, idle: 3 };

/** The services, those that fail most first, then the busy ones. */
export function ServiceLines({ query }: { query: UseQueryResult<ServiceList, ApiError> }) {
  return (
    <Loaded
      query={query}
      what="the services"
      skeleton={<SkeletonRows rows={4} />}
      empty={(data) =>
        data.services.length === 0 && <p className="soft">No services in this time range: none sent a span.</p>
      }
    >
      {(data) => {
        const sorted = [...data.services].sort(
          (a, b) =>
            WEIGHT[healthOf(a)] - WEIGHT[healthOf(b)] ||
            b.error_ratio - a.error_ratio ||
            b.rate - a.rate ||
            a.name.localeCompare(b.name),
        );
        return (
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Failing and busy services">
            <table className="dense">
              <thead>
                <tr>
                  <th>Service</th>
                  <th className="num">Requests</th>
                  <th className="num">Errors</th>
                  <th className="num">p95</th>
                  <th className="wide-only">Requests, errors</th>
                </tr>
              </thead>
              <tbody>
                {sorted.slice(0, SHOWN_MAX).map((service) => {
                  const health = healthOf(service);
                  return (
                    <tr key={service.name}>
                      <td>
                        <span className="row">
                          <HealthMark health={health} />
                          <Link
                            to="/services/$name"
                            params={{ name: service.name }}
                            title={service.name}
                            className="name-cell"
                          >
                            <Middle text={service.name} />
                          </Link>
                        </span>
                      </td>
                      <td className="num">
                        <Change now={service.rate} before={service.previous.rate} /> {formatRate(service.rate)}
                      </td>
                      <td className="num">
                        <span className={health === "bad" || health === "warning" ? health : undefined}>
                          {service.requests > 0 ? formatShare(service.error_ratio) : "–"}
                        </span>
                      </td>
                      <td className="num">{formatMillis(service.p95_ms)}</td>
                      <td className="wide-only">
                        <span className="row">
                          <Sparkline values={service.sparkline} />
                          <Sparkline values={service.error_sparkline} color="var(--bad-line)" width={48} />
                        </span>
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
            {data.total > SHOWN_MAX && (
              <p className="small soft">
                {SHOWN_MAX} of {formatExact(data.total)} services, those that fail first.
              </p>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
