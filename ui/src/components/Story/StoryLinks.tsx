import { IconBook2 } from "@tabler/icons-react";
import { storiesOf, storySearch } from "@/model/story";
import { Go } from "../Go";

/** From something to what else happened around it: the stories of its ids. */
export function StoryLinks({ attributes, traceId = "" }: { attributes: Record<string, unknown>; traceId?: string }) {
  const stories = storiesOf(attributes, traceId);
  if (stories.length === 0) return null;
  return (
    <p className="row small" style={{ flexWrap: "wrap" }}>
      <IconBook2 size={14} aria-hidden className="soft" />
      {stories.map(({ kind, value }) => (
        <Go key={kind} to="/story" search={storySearch(kind, value)} title={`${kind} ${value}`}>
          Story of this {kind}
        </Go>
      ))}
    </p>
  );
}
