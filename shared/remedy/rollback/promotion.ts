/** A promotion of Jenkins X: its pull requests and commits are titled `chore: promote APP to version 1.2.3` (jx-promote, pkg/promote/pr.go). */
export type Promotion = { app: string; version: string };

const titled = /^(?:chore: )?promote (\S+) to (?:version )?(\S+)$/i;

/** The application and the version that a title promotes; undefined for another title. */
export const promotionIn = (title: string): Promotion | undefined => {
  const [, app, version] = titled.exec(title.trim().replace(/ \(#\d+\)$/, "")) ?? [];
  return app === undefined || version === undefined ? undefined : { app, version };
};
