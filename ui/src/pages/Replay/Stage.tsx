import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import type { Recording } from "@/model/replay/recording";
import classes from "./Replay.module.css";

/** Where it is played: as large as there is room, in the proportions of the visitor's window. */
export function Stage({ root, recording }: { root: RefObject<HTMLDivElement | null>; recording: Recording }) {
  const { width, height } = recording;
  const outer = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(0);
  useLayoutEffect(() => {
    const element = outer.current;
    if (!element) return;
    const measure = () => setScale(Math.min(element.clientWidth / width, element.clientHeight / height, 1));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [width, height]);
  return (
    <div ref={outer} className={classes.stage} style={{ aspectRatio: `${width} / ${height}` }}>
      <div className={classes.scaled} style={{ width: width * scale, height: height * scale }}>
        <div ref={root} style={{ width, height, transform: `scale(${scale})`, transformOrigin: "0 0" }} />
      </div>
    </div>
  );
}
