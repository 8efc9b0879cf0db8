import { Link } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, FC } from "react";

/** A link inside of the page; the time range and environments go with it unless the search names its own. */
export const Go = Link as unknown as FC<
  AnchorHTMLAttributes<HTMLAnchorElement> & {
    to: string;
    params?: Record<string, string>;
    search?: Record<string, unknown>;
    "data-level"?: string;
  }
>;
