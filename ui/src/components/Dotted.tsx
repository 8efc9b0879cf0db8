import { Fragment } from "react";

/** A long dotted name that may break after its dots and nowhere else while there is room. */
export function Dotted({ name }: { name: string }) {
  const parts = name.split(/(?<=[._/])/);
  return parts.map((part, at) => (
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
