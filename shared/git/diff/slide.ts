import type { Lines } from "./model.ts";

type Group = { start: number; end: number };

/** Shifts each group of marked lines down as far as equal lines let it, or to where the other file has a group. */
export const slide = (lines: Lines, marks: Uint8Array, others: Uint8Array): void => {
  const group = firstGroup(marks);
  const other = firstGroup(others);
  do {
    if (group.end > group.start) slideGroup(lines, marks, others, group, other);
    nextGroup(others, other);
  } while (nextGroup(marks, group));
};

const slideGroup = (
  lines: Lines,
  marks: Uint8Array,
  others: Uint8Array,
  group: Group,
  other: Group,
): void => {
  let size: number;
  let highest: number;
  let aligned: boolean;
  do {
    size = group.end - group.start;
    while (up(lines, marks, group)) previousGroup(others, other);
    highest = group.end;
    aligned = other.end > other.start;
    while (down(lines, marks, group)) {
      nextGroup(others, other);
      if (other.end > other.start) aligned = true;
    }
  } while (size !== group.end - group.start);
  if (group.end === highest || !aligned) return;
  while (other.end === other.start) {
    up(lines, marks, group);
    previousGroup(others, other);
  }
};

const up = (lines: Lines, marks: Uint8Array, group: Group): boolean => {
  if (group.start === 0 || lines[group.start - 1] !== lines[group.end - 1]) return false;
  marks[--group.start] = 1;
  marks[--group.end] = 0;
  while (group.start > 0 && marks[group.start - 1]) group.start--;
  return true;
};

const down = (lines: Lines, marks: Uint8Array, group: Group): boolean => {
  if (group.end === lines.length || lines[group.start] !== lines[group.end]) return false;
  marks[group.start++] = 0;
  marks[group.end++] = 1;
  while (marks[group.end]) group.end++;
  return true;
};

const firstGroup = (marks: Uint8Array): Group => {
  const group = { start: 0, end: 0 };
  while (marks[group.end]) group.end++;
  return group;
};

const nextGroup = (marks: Uint8Array, group: Group): boolean => {
  if (group.end === marks.length - 1) return false;
  group.start = group.end + 1;
  group.end = group.start;
  while (marks[group.end]) group.end++;
  return true;
};

const previousGroup = (marks: Uint8Array, group: Group): void => {
  group.end = group.start - 1;
  group.start = group.end;
  while (group.start > 0 && marks[group.start - 1]) group.start--;
};
