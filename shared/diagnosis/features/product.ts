import type { Feature } from "./feature.ts";

/** Two features that count only together. */
export const product =
  (a: Feature, b: Feature): Feature =>
  (candidate, window) =>
    a(candidate, window) * b(candidate, window);
