import type { Scalar, YAMLMap, YAMLSeq } from "yaml";

import { startOf } from "./nodes.ts";

/** The text with another scalar in the place of this one. */
export const replaceScalar = (text: string, scalar: Scalar, written: string): string =>
  text.slice(0, startOf(scalar)) + written + text.slice(scalar.range?.[1] ?? text.length);

/** The text with one more pair at the beginning of the map; undefined for an empty one, whose indentation nobody can tell. */
export const insertPair = (text: string, map: YAMLMap, key: string, written: string): string | undefined => {
  const at = startOf(map.items[0]?.key);
  if (at === undefined) return undefined;
  const quoted = map.flow === true || text[at] === '"' ? JSON.stringify(key) : key;
  return spliced(text, at, { piece: `${quoted}: ${written}`, flow: map.flow === true, before: "" });
};

/** The text with one more item at the beginning of the list. */
export const appendItem = (text: string, list: YAMLSeq, written: string): string | undefined => {
  const at = startOf(list.items[0]);
  if (at === undefined) {
    const end = list.flow === true ? list.range?.[0] : undefined;
    return end === undefined ? undefined : `${text.slice(0, end + 1)}${written}${text.slice(end + 1)}`;
  }
  return spliced(text, at, { piece: written, flow: list.flow === true, before: "- " });
};

/** A comma parts them in flow style, a line of the same indentation in block style. */
const spliced = (
  text: string,
  at: number,
  { piece, flow, before }: { piece: string; flow: boolean; before: string },
): string | undefined => {
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const lead = text.slice(lineStart, at);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const blank = /^\s*$/.test(lead);
  if (flow) return `${text.slice(0, at)}${piece},${blank ? newline + lead : " "}${text.slice(at)}`;
  if (before !== "" && !lead.endsWith(before)) return undefined;
  const indent = " ".repeat(lead.length - before.length) + before;
  return lead.includes("\t") ? undefined : `${text.slice(0, at)}${piece}${newline}${indent}${text.slice(at)}`;
};
