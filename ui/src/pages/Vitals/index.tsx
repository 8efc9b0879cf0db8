import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScopedApi } from "@/api/queries";
import type { VitalsReport } from "@/api/types";
import { OpenedPage } from "@/components/Opened";
import { Section } from "@/components/PageFrame";
import { Cut, Loaded, NothingMatches, Notice } from "@/components/State";
import { FILTERS, type VitalName } from "@/model/vitals";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { Filters } from "./Filters";
import { NoVitals } from "./NoVitals";
import { PageLoads } from "./PageLoads";
import { RouteDetail } from "./RouteDetail";
import { RouteTable } from "./RouteTable";
import { Sessions } from "./Sessions";
import { Tiles } from "./Tiles";
import { Trend } from "./Trend";
import type { VitalsSearch } from "./url";

/** An id of a row, since a route may be empty. */
const rowOf = (route: string) => `route:${route}`;

/** What browsers measured: six vitals, over time and by route, sessions and page loads. */
export function Vitals() {
  const search = useSearch({ strict: false }) as VitalsSearch;
  const change = useSearchChange<VitalsSearch>();
  const { service, device, browser, release } = search;
  const filters = useMemo(() => ({ service, device, browser, release }), [service, device, browser, release]);
  const query = useScopedApi<VitalsReport>("vitals", filters);
  const vital: VitalName = search.vital ?? "lcp";
  const routes = query.data?.routes;
  const opened = useOpened(useMemo(() => (routes ?? []).map((one) => rowOf(one.route)), [routes]));
  const route = opened.id?.slice(rowOf("").length);
  const narrowed = FILTERS.some((name) => filters[name] !== undefined);
  const clear = () => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])));
  return (
    <OpenedPage
      opened={opened}
      title="Browser"
      actions={query.data && <Filters choices={query.data.choices} search={search} onChange={change} />}
      name={route === "" ? "Route not told" : (route ?? "")}
      detail={
        route !== undefined && (
          <RouteDetail
            key={route}
            route={route}
            figures={routes?.find((one) => one.route === route)}
            vital={vital}
            filters={filters}
            order={search.order ?? "worst"}
            onVital={(next) => change({ vital: next }, true)}
            onOrder={(next) => change({ order: next === "newest" ? "newest" : undefined }, true)}
          />
        )
      }
    >
      <Loaded
        query={query}
        what="what browsers measured"
        empty={(data) =>
          isEmpty(data) && (narrowed ? <NothingMatches what="measurements" onClear={clear} /> : <NoVitals />)
        }
      >
        {(data) => (
          <>
            {data.counted_every > 1 && (
              <Notice>
                There is so much in this time range that every {data.counted_every}th page load was read; counts are
                multiplied by it. Choose a shorter range for all of them.
              </Notice>
            )}
            <Tiles vitals={data.vitals} chosen={vital} onChoose={(name) => change({ vital: name }, true)} />
            <Trend vitals={data.vitals} chosen={vital} stepSeconds={data.step_seconds} />
            <Section title="Routes" aside="Worst first: by how many of LCP, INP and CLS were poor">
              <Cut shown={data.routes.length} total={data.routes_total} what="routes">
                choose a service or a shorter range.
              </Cut>
              <RouteTable routes={data.routes} current={opened.at} onOpen={(name) => opened.open(rowOf(name))} />
            </Section>
            <Sessions sessions={data.sessions} stepSeconds={data.step_seconds} />
            <PageLoads filters={filters} />
          </>
        )}
      </Loaded>
    </OpenedPage>
  );
}

function isEmpty(data: VitalsReport): boolean {
  return data.routes.length === 0 && data.sessions.points.length === 0;
}
