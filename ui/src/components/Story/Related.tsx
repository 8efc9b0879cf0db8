import type { RelatedId } from "@/api/types";
import { placeOf } from "@/model/story";
import { formatExact, plainText } from "@/lib/format";
import { Go } from "../Go";
import { LongTable } from "../LongTable";
import { StoryIdLink } from "./StoryId";
import classes from "./Story.module.css";

const COLUMNS = [
  { label: "Id" },
  { label: "By the line that has both" },
  { label: "Beside", wideOnly: true },
  { label: "Lines", numeric: true },
];

/** Ids that belong to the story, in the order in which they were found, and how each came to. */
export function Related({ related }: { related: readonly RelatedId[] }) {
  return (
    <LongTable
      label="Ids in order"
      what={["id", "ids"]}
      items={related}
      columns={COLUMNS}
      text={(one) => `${one.kind} ${one.value} ${one.line.title}`}
      row={(one) => (
        <tr key={`${one.kind} ${one.value}`} className={classes.line}>
          <td className={classes.what}>
            <StoryIdLink id={one} />
            {!one.followed && <p className="row-under soft">has stories of its own: not followed</p>}
          </td>
          <td className={classes.what}>
            <Go {...placeOf(one.line.link)}>{plainText(one.line.title)}</Go>{" "}
            <span className="soft small">{one.line.service}</span>
          </td>
          <td className="wide-only">
            <StoryIdLink id={one.via} />
          </td>
          <td className="num">{formatExact(one.lines)}</td>
        </tr>
      )}
    />
  );
}
