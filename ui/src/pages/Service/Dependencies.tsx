import { Link } from "@tanstack/react-router";
import type { Dependency } from "@/api/types";
import { Calls } from "@/components/Red";
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
      <Table title="Called by" list={upstream} none="Nobody in this time range: requests come from outside." />
      <Table title="Calls" list={downstream} none="Nothing in this time range." />
    </div>
  );
}

function Table({ title, list, none }: { title: string; list: readonly Dependency[]; none: string }) {
  if (list.length === 0)
    return (
      <section aria-label={title}>
        <h3 className={classes.title}>{title}</h3>
        <p className="soft">{none}</p>
      </section>
    );
  return (
    <div>
      <Calls
        label={title}
        calls={list}
        ends={[title]}
        namesOf={(one) => `${one.name} ${one.type}`}
        cells={(one) => [
          one.type === "service" ? (
            <Link to="/services/$name" params={{ name: one.name }}>
              {one.name}
            </Link>
          ) : (
            <>
              {one.name} <span className="soft small">{one.type}</span>
            </>
          ),
        ]}
      />
    </div>
  );
}
