import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { type ApiError, type Params, request } from "@/api/client";
import type { StoryAnswer } from "@/api/types";

/** A story, page after page. What it asks is told by its parameters alone: an id lies where it lies, whatever the page's
 * time range is. */
export function useStory(params: Params, size: number) {
  return useInfiniteQuery<StoryAnswer, ApiError>({
    queryKey: ["story", params],
    queryFn: ({ pageParam, signal }) =>
      request<StoryAnswer>("story", { params: { ...params, limit: size, cursor: pageParam as string }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}
