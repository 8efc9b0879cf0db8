import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ApiError } from "@/api/client";
import type { ServiceList } from "@/api/types";
import { Change } from "@/components/Change";
import { HealthMark } from "@/components/HealthMark";
import { Sparkline } from "@/components/Sparkline";
import { Loaded, SkeletonRows } from "@/components/State";
import { formatMillis, formatRate, formatShare } from "@/lib/format";
import { healthOf } from "@/model/red";

const SHOWN_MAX = 12;
const WEIGHT = { bad: 0, warning: 1, good: 2, idle: 3 };

/** The services, the failing ones first, then the busy ones. */
export function ServiceLines({ query }: { query: UseQueryResult<ServiceList, ApiError> }) {
  return (
    <Loaded
      query={query}
      what="the services"
      skeleton={<SkeletonRows rows={4} />}
      empty={(data) => data.services.length === 0 && <p className="soft">No service sent a span in this time range.</p>}
    >
      {(data) => {
        const sorted = [...data.services].sort(
          (a, b) => WEIGHT[healthOf(a)] - WEIGHT[healthOf(b)] || b.rate - a.rate || a.name.localeCompare(b.name),
        );
        return (
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Services">
            <table className="dense">
              <thead>
                <tr>
                  <th>Service</th>
                  <th className="num">Requests</th>
                  <th className="num">Errors</th>
                  <th className="num">p95</th>
                  <th>Requests, errors</th>
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
                          <Link to="/services/$name" params={{ name: service.name }}>
                            {service.name}
                          </Link>
                        </span>
                      </td>
                      <td className="num">
                        {formatRate(service.rate)} <Change now={service.rate} before={service.previous.rate} />
                      </td>
                      <td className="num">
                        <span className={health === "bad" || health === "warning" ? health : undefined}>
                          {service.requests > 0 ? formatShare(service.error_ratio) : "–"}
                        </span>
                      </td>
                      <td className="num">{formatMillis(service.p95_ms)}</td>
                      <td>
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
          </div>
        );
      }}
    </Loaded>
  );
}
