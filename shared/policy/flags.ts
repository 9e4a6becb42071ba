/** A flag as a tool names it, that knows projects and no services. */
type NamedFlag = { project: string; flag: string };

/** Whether one of the patterns names the flag: `NAME`, in any project, or `PROJECT/NAME`; `*` stands for any characters. */
export const takesFlag = (patterns: string[], { project, flag }: NamedFlag): boolean =>
  patterns.some((pattern) => anchored(pattern).test(pattern.includes("/") ? `${project}/${flag}` : flag));

const anchored = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split(/\*+/)
      .map((part) => part.replace(/[^A-Za-z0-9_]/g, "\\$&"))
      .join(".*")}$`,
  );
