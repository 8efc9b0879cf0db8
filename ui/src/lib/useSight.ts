import { useEffect, useState } from "react";

/** Whether a box is near the window, whether it ever was, and how wide it is. What is out of sight asks nothing. */
export function useSight(box: React.RefObject<HTMLElement | null>): { seen: boolean; near: boolean; width: number } {
  const [sight, setSight] = useState({ seen: false, near: false, width: 600 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1);
        if (!entry) return;
        const { isIntersecting: near, boundingClientRect: found } = entry;
        setSight((before) => ({
          seen: before.seen || near,
          near,
          width: near && !before.seen ? found.width : before.width,
        }));
      },
      { rootMargin: "200px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return sight;
}
