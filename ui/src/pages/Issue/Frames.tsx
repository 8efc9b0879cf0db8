import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import fields from "@/components/Fields.module.css";
import { plural } from "@/lib/format";
import { addressOf, type Frame } from "@/model/errors/event";
import { firstOpen, hasMore, piecesOf, sourceOf, valueText } from "@/model/errors/stack";
import classes from "./Issue.module.css";

/** The calls of one stack; those of libraries are folded between the team's own. */
export function Frames({ frames, whole, open }: { frames: readonly Frame[]; whole: boolean; open: boolean }) {
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const first = open ? firstOpen(frames) : -1;
  return (
    <ol className={classes.frames}>
      {piecesOf(frames, whole).map((piece) => {
        if (piece.kind === "frame")
          return <FrameLine key={piece.at} frame={piece.frame} startsOpen={piece.at === first} />;
        const isOpen = unfolded.has(piece.at);
        return (
          <li key={piece.at} className={classes.fold}>
            <button
              type="button"
              aria-expanded={isOpen}
              onClick={() =>
                setUnfolded((before) => {
                  const next = new Set(before);
                  if (!next.delete(piece.at)) next.add(piece.at);
                  return next;
                })
              }
            >
              {isOpen ? <IconChevronDown size={12} aria-hidden /> : <IconChevronRight size={12} aria-hidden />}
              {plural(piece.frames.length, "library frame")}
            </button>
            {isOpen && (
              <ol className={classes.frames}>
                {piece.frames.map((frame, at) => (
                  <FrameLine key={at} frame={frame} startsOpen={false} />
                ))}
              </ol>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function FrameLine({ frame, startsOpen }: { frame: Frame; startsOpen: boolean }) {
  const more = hasMore(frame);
  const [open, setOpen] = useState(startsOpen && more);
  const said = (
    <>
      <strong>{frame.function || "?"}</strong> <span className="soft">in</span>{" "}
      <span title={frame.abs_path ?? frame.module}>{addressOf(frame)}</span>
    </>
  );
  return (
    <li className={classes.frame} data-own={frame.in_app === true}>
      {more ? (
        <button type="button" className={classes.frameLine} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? <IconChevronDown size={12} aria-hidden /> : <IconChevronRight size={12} aria-hidden />}
          <span>{said}</span>
        </button>
      ) : (
        <p className={classes.frameLine}>
          <span>{said}</span>
        </p>
      )}
      {open && <Source frame={frame} />}
      {open && <Locals vars={frame.vars ?? {}} />}
    </li>
  );
}

function Source({ frame }: { frame: Frame }) {
  const lines = sourceOf(frame);
  if (lines.length === 0) return null;
  return (
    <div
      className={classes.source}
      tabIndex={0}
      role="region"
      aria-label={`Source of ${frame.function ?? "this call"}`}
    >
      {lines.map((line, at) => (
        <div key={at} data-on={line.on}>
          <span className={classes.number}>{line.number}</span>
          <code>{line.text || " "}</code>
          {line.on && <span className="visually-hidden"> (this line was run)</span>}
        </div>
      ))}
    </div>
  );
}

function Locals({ vars }: { vars: Record<string, unknown> }) {
  const held = Object.entries(vars);
  if (held.length === 0) return null;
  return (
    <table className={`${fields.fields} ${classes.locals}`} aria-label="Local variables">
      <tbody>
        {held.map(([name, value]) => (
          <tr key={name}>
            <th scope="row" className="mono">
              {name}
            </th>
            <td className="mono">{valueText(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
