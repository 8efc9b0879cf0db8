import { Button, Skeleton } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useScopedApi } from "@/api/queries";
import type { ServiceDetail } from "@/api/types";
import { Change } from "@/components/Change";
import { Figure, Figures } from "@/components/Figure";
import { HealthMark } from "@/components/HealthMark";
import { PageFrame, Section } from "@/components/PageFrame";
import { RedCharts } from "@/components/Red";
import { Empty, Loaded, LookFurther, SkeletonRows } from "@/components/State";
import { formatMillis, formatRate, formatShare, searchValue } from "@/lib/format";
import { healthOf } from "@/model/red";
import { Dependencies } from "./Dependencies";
import { Operations } from "./Operations";
import { ServiceIssues } from "./ServiceIssues";

export function Service() {
  const { name } = useParams({ from: "/shell/services/$name" });
  const query = useScopedApi<ServiceDetail>(`services/${encodeURIComponent(name)}`);
  const own = `service:${searchValue(name)}`;
  return (
    <PageFrame
      title={name}
      heading={
        <span className="row">
          {query.data && <HealthMark health={healthOf(query.data.summary)} size={18} />}
          {name}
        </span>
      }
      actions={
        <>
          <Button component={Link} to="/traces" search={{ query: own } as never} variant="default">
            Traces
          </Button>
          <Button component={Link} to="/traces" search={{ query: `${own} status:error` } as never} variant="default">
            Failed traces
          </Button>
          <Button component={Link} to="/logs" search={{ query: own } as never} variant="default">
            Logs
          </Button>
          <Button component={Link} to="/errors" search={{ service: [name] } as never} variant="default">
            Errors
          </Button>
        </>
      }
    >
      <Loaded
        query={query}
        what={`the service ${name}`}
        skeleton={
          <>
            <Skeleton height={44} mb={16} width="60%" />
            <Skeleton height={220} mb={16} />
            <SkeletonRows rows={6} />
          </>
        }
        empty={(data) =>
          data.summary.requests === 0 &&
          data.operations.length === 0 && (
            <Empty title={`No requests to ${name} in this time range`} action={<LookFurther />}>
              Choose a longer range or other environments, or look at its{" "}
              <Link to="/logs" search={{ query: own } as never}>
                logs
              </Link>
              .
            </Empty>
          )
        }
      >
        {(data) => (
          <>
            <Summary data={data} />
            <RedCharts detail={data} />
            <ServiceIssues service={name} />
            <Operations service={name} operations={data.operations} total={data.operations_total} />
            <Section
              title="Neighbours"
              aside={
                <Link to="/service-map" search={{ focus: name } as never}>
                  Service map
                </Link>
              }
            >
              <Dependencies upstream={data.upstream} downstream={data.downstream} />
            </Section>
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

function Summary({ data: { summary, previous } }: { data: ServiceDetail }) {
  const health = healthOf(summary);
  return (
    <Figures>
      <Figure label="Requests" note={<Change now={summary.rate} before={previous.rate} />}>
        {formatRate(summary.rate)}
      </Figure>
      <Figure label="Errors" note={<Change now={summary.error_ratio} before={previous.error_ratio} worse="up" />}>
        <span className={health === "bad" || health === "warning" ? health : undefined}>
          {formatShare(summary.error_ratio)}
        </span>
      </Figure>
      {(["p50", "p95", "p99"] as const).map((which) => (
        <Figure
          key={which}
          label={which}
          note={<Change now={summary[`${which}_ms`]} before={previous[`${which}_ms`]} worse="up" />}
        >
          {formatMillis(summary[`${which}_ms`])}
        </Figure>
      ))}
    </Figures>
  );
}
