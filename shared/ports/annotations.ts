import type { EpochMs } from "../brands.ts";

/** A panel of a dashboard, or the whole dashboard. */
export type Panel = { dashboard: string; panel?: number };

/**
 * A mark on the graphs of the people who watch a service: at an instant, or over a span. All text is raw. `key` is the same for every
 * telling of one thing.
 */
export type Annotation = {
  key: string;
  tags: string[];
  at: EpochMs;
  until?: EpochMs;
  text: string;
  /** The incident's page. */
  url?: string;
  /** Without it the annotation is on every dashboard that asks for its tags. */
  on?: Panel;
};

/** The marks of an incident on graphs. */
export interface Annotations {
  /** The base address of the dashboards: only links below it are believed. */
  base: string;
  /** Writes the mark, or brings the one with this key up to date. Throws UpstreamError. */
  put(annotation: Annotation): Promise<void>;
}
