import type { ReactNode } from "react";
import classes from "./FactList.module.css";

/** A name, and what is known of it: nothing, empty or false leaves it out. */
export type Fact = readonly [name: string, value: ReactNode];

/** What is known of one thing at a glance, in rows that wrap. `stacked`: each name above its value. */
export function FactList({ facts, stacked = false }: { facts: readonly Fact[]; stacked?: boolean }) {
  return (
    <dl className={classes.facts} data-stacked={stacked}>
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
