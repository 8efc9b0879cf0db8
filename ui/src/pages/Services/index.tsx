import { Button } from "@mantine/core";
import { IconTopologyStar3 } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useScopedApi } from "@/api/queries";
import type { ServiceList } from "@/api/types";
import { ListBar, WordFilter } from "@/components/ListBar";
import { PageFrame } from "@/components/PageFrame";
import { RowWindow } from "@/components/RowWindow";
import { SortHead } from "@/components/SortHead";
import { Cut, Empty, HowToSend, Loaded, LookFurther } from "@/components/State";
import { plural } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import { ServiceRow } from "./ServiceRow";
import { filterServices, sortServices } from "./sort";
import type { ServicesSearch, Sort } from "./url";

const COLUMNS: readonly { sort: Sort; label: string; wideOnly?: boolean }[] = [
  { sort: "rate", label: "Requests" },
  { sort: "errors", label: "Errors" },
  { sort: "p50", label: "p50", wideOnly: true },
  { sort: "p95", label: "p95" },
  { sort: "p99", label: "p99", wideOnly: true },
  { sort: "logs", label: "Error logs", wideOnly: true },
];

export function Services() {
  const search: ServicesSearch = useSearch({ from: "/shell/services" });
  const navigate = useNavigate();
  const query = useScopedApi<ServiceList>("services");
  const [current, setCurrent] = useState(-1);
  const sort = search.sort ?? "rate";
  const order = search.order ?? (sort === "name" ? "up" : "down");
  const shown = sortServices(filterServices(query.data?.services ?? [], search.filter ?? ""), sort, order);
  useListKeys({
    count: shown.length,
    current,
    onMove: setCurrent,
    onOpen: (index) => {
      const name = shown[index]?.name;
      if (name) void navigate({ to: "/services/$name", params: { name } });
    },
  });

  function change(part: ServicesSearch) {
    void navigate({
      to: ".",
      resetScroll: false,
      search: ((before: object) => ({ ...before, ...part })) as never,
      replace: true,
    });
  }
  function sortBy(by: Sort) {
    const turned = order === "down" ? "up" : "down";
    change({ sort: by, order: by === sort ? turned : undefined });
  }

  return (
    <PageFrame
      title="Services"
      actions={
        <Button component={Link} to="/service-map" variant="default" leftSection={<IconTopologyStar3 size={15} />}>
          Map
        </Button>
      }
    >
      <Loaded
        query={query}
        what="the services"
        empty={(data) =>
          data.services.length === 0 && (
            <Empty
              title="No services in this time range"
              action={
                <span className="row">
                  <LookFurther />
                  <HowToSend />
                </span>
              }
            >
              No service sent a span. Choose a longer range or other environments, or send something.
            </Empty>
          )
        }
      >
        {(data) => (
          <>
            <ListBar>
              <WordFilter
                what="services"
                hint="Name"
                value={search.filter ?? ""}
                onChange={(words) => change({ filter: words })}
              />
            </ListBar>
            <Cut shown={data.services.length} total={data.total} what="services">
              choose environments or a shorter range.
            </Cut>
            <div className="table-wrap" tabIndex={0} role="region" aria-label="Services">
              <table className="dense">
                <thead>
                  <tr>
                    <SortHead
                      label="Service"
                      numeric={false}
                      sorted={sort === "name" ? order : null}
                      onSort={() => sortBy("name")}
                    />
                    {COLUMNS.map((column) => (
                      <SortHead
                        key={column.sort}
                        label={column.label}
                        wideOnly={column.wideOnly}
                        sorted={sort === column.sort ? order : null}
                        onSort={() => sortBy(column.sort)}
                      />
                    ))}
                    <th className="wide-only">Over time</th>
                    <th className="wide-only">Last seen</th>
                  </tr>
                </thead>
                <RowWindow
                  count={shown.length}
                  columns={COLUMNS.length + 3}
                  current={current}
                  row={(index) => {
                    const service = shown[index];
                    return service && <ServiceRow key={service.name} service={service} current={index === current} />;
                  }}
                />
              </table>
            </div>
            <p className="small soft">
              {plural(shown.length, "service")}
              {shown.length < data.services.length && ` of ${data.services.length}`}. Changes are against the equally
              long range before.
            </p>
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}
