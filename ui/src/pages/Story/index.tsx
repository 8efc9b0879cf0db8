import { Button, Checkbox } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { toQuery } from "@/api/client";
import type { StoryAnswer } from "@/api/types";
import { Go } from "@/components/Go";
import { PageFrame, Section } from "@/components/PageFrame";
import { More } from "@/components/More";
import { Loaded, Notice, SkeletonRows } from "@/components/State";
import { Related } from "@/components/Story/Related";
import { Remarks } from "@/components/Story/Remarks";
import { StoryIdLink } from "@/components/Story/StoryId";
import { useStory } from "@/components/Story/useStory";
import { AbsoluteTime } from "@/components/Time";
import { formatNanos, plural } from "@/lib/format";
import { costsOf, SEED_NAMES, storySearch } from "@/model/story";
import { useScope } from "@/state/scope";
import { useSearchChange } from "@/state/useOpened";
import { Box } from "./Box";
import { Filters, Ways } from "./Filters";
import { NotAsked, Unknown } from "./Nothing";
import classes from "./Story.module.css";
import { Timeline } from "./Timeline";
import type { StorySearch } from "./url";

const PAGE = 500;

/** What happened to an id: everything that is stored of it and of what it led to, on one timeline. */
export function Story() {
  const search = useSearch({ strict: false }) as StorySearch;
  const change = useSearchChange<StorySearch>();
  const seeds = SEED_NAMES.flatMap((name) => search[name as keyof StorySearch] ?? []);
  return (
    <PageFrame title={seeds.length > 0 ? `${seeds.join(", ")} · Story` : "Story"} heading="Story">
      <Box
        key={seeds.join()}
        value={seeds.join(", ")}
        onAsk={(id) =>
          change({
            ...storySearch("any", id),
            kind: undefined,
            level: undefined,
            service: undefined,
            stories: undefined,
          })
        }
      />
      {seeds.length === 0 ? <NotAsked /> : <Asked search={search} change={change} />}
    </PageFrame>
  );
}

function Asked({ search, change }: { search: StorySearch; change: (part: StorySearch) => void }) {
  const { params: scope } = useScope();
  const { by, within, stories, ...asked } = search;
  const params = { ...pickSeeds(asked), env: scope.env, ...(within ? { start: scope.start, end: scope.end } : {}) };
  const shown = { kind: asked.kind, level: asked.level, service: asked.service, fold: asked.fold, stories };
  const query = useStory({ ...params, ...shown }, PAGE);
  const story = query.data?.pages[0];
  const narrowed = Boolean(within) || scope.env.length > 0;
  const lines = query.data?.pages.flatMap((page) => page.lines) ?? [];
  return (
    <Loaded query={query} what="the story" skeleton={<SkeletonRows rows={16} />}>
      {() =>
        story && (
          <div className={classes.story}>
            <p className={classes.asked}>
              {story.asked.map((one) => (
                <span key={`${one.kind} ${one.value}`}>
                  <StoryIdLink id={one} /> {!one.found && <span className="warning">not found</span>}
                  <Costs search={one.found ? costsOf(one, story) : undefined} />
                </span>
              ))}
              <Checkbox
                size="xs"
                label="Only in this time range"
                checked={Boolean(within)}
                onChange={(event) => change({ within: event.currentTarget.checked ? "1" : undefined })}
              />
            </p>
            {story.cut.map((one) => (
              <Notice key={one}>This is not all: {one}.</Notice>
            ))}
            {story.older > 0 && (
              <Button variant="default" onClick={() => change({ stories: "all" })}>
                Tell the {plural(story.older, "older trace")}, too
              </Button>
            )}
            {story.total_lines === 0 ? (
              <Unknown asked={story.asked} narrowed={narrowed} />
            ) : (
              <>
                <Head story={story} exported={`/api/v1/story${toQuery({ ...params, format: "markdown" })}`} />
                {story.remarks.length > 0 && <Remarks remarks={story.remarks} />}
                <Section title="Timeline" aside={<Ways search={search} change={change} />}>
                  <Filters story={story} search={search} change={change} />
                  {lines.length === 0 ? (
                    <p className="small soft">No line is of these kinds, levels and services.</p>
                  ) : (
                    <Timeline lines={lines} by={by} more={<More rows={query} />} />
                  )}
                </Section>
                {story.related.length > 0 && (
                  <Section title="Related ids" aside="In the order in which they were found">
                    <Related related={story.related} />
                  </Section>
                )}
              </>
            )}
          </div>
        )
      }
    </Loaded>
  );
}

function Costs({ search }: { search: Record<string, string | string[]> | undefined }) {
  if (!search) return null;
  return (
    <Go to="/costs" search={search} className="small">
      What it cost
    </Go>
  );
}

function pickSeeds(search: StorySearch): Record<string, string | readonly string[] | undefined> {
  return Object.fromEntries(SEED_NAMES.map((name) => [name, search[name as keyof StorySearch]]));
}

function Head({ story, exported }: { story: StoryAnswer; exported: string }) {
  const took = story.start && story.end ? (Date.parse(story.end) - Date.parse(story.start)) * 1e6 : 0;
  return (
    <div className="spread">
      <p className={classes.about}>
        {story.start && <AbsoluteTime time={story.start} />}
        <span>
          {formatNanos(took)}, {plural(story.total_lines, "line")} of{" "}
          {story.services.map((one) => one.name).join(", ") || "no service"}
        </span>
      </p>
      <Button
        component="a"
        href={exported}
        download="story.md"
        variant="default"
        leftSection={<IconDownload size={14} aria-hidden />}
      >
        Export as Markdown
      </Button>
    </div>
  );
}
