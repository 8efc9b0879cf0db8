import type { StoryId } from "@/api/types";
import { storySearch } from "@/model/story";
import { Go } from "../Go";
import classes from "./Story.module.css";

/** An id of a story, which leads to the story that begins with it. */
export function StoryIdLink({ id }: { id: StoryId }) {
  return (
    <Go to="/story" search={storySearch(id.kind, id.value)} className={classes.id} title={`The story of ${id.value}`}>
      <span className="soft">{id.kind}</span> <span className="mono">{id.value}</span>
    </Go>
  );
}
