import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { shortId } from "@/lib/format";
import classes from "./CopyId.module.css";

/** A short id that copies the whole one. */
export function CopyId({ id, whole = false, label = "id" }: { id: string; whole?: boolean; label?: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  if (!id) return <span className="soft">–</span>;
  const shown = whole ? id : shortId(id);
  return (
    <button
      type="button"
      className={classes.copy}
      title={`Copy ${label} ${id}`}
      aria-label={`Copy ${label} ${shown}`}
      onClick={(event) => {
        event.stopPropagation();
        clipboard.copy(id);
      }}
    >
      {shown}
      {clipboard.copied ? <IconCheck size={12} className="good" /> : <IconCopy size={12} />}
    </button>
  );
}

/** Text in one monospace block with a copy button; for commands and code. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <div className={classes.block}>
      <pre tabIndex={0}>{code}</pre>
      <button
        type="button"
        className={classes.copyBlock}
        aria-label={`Copy ${label}`}
        onClick={() => clipboard.copy(code)}
      >
        {clipboard.copied ? <IconCheck size={14} className="good" /> : <IconCopy size={14} />}
        {clipboard.copied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
