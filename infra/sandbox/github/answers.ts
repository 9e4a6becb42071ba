import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { Actor, Repo } from "./state.ts";

export type Env = { Variables: { actor: Actor; repo: Repo } };
export type Ctx = Context<Env>;
export type FieldError = { resource: string; code: string; field?: string; message?: string };

/** An error as GitHub answers it. */
export const refused = (
  status: ContentfulStatusCode,
  message: string,
  errors?: (FieldError | string)[],
): HTTPException => {
  const body = {
    message,
    ...(errors && { errors }),
    documentation_url: "https://docs.github.com/rest",
    status: String(status),
  };
  return new HTTPException(status, { message, res: Response.json(body, { status }) });
};
export const notFound = () => refused(404, "Not Found");
export const invalid = (...errors: FieldError[]) => refused(422, "Validation Failed", errors);

/** The JSON body as the schema has it; 400 and 422 as GitHub answers them. */
export const body = async <S extends z.ZodType>(c: Ctx, schema: S): Promise<z.infer<S>> => {
  const text = await c.req.text();
  let json: unknown;
  try {
    json = text === "" ? {} : JSON.parse(text);
  } catch {
    throw refused(400, "Problems parsing JSON");
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `For '${issue.path.join("/")}', ${issue.message}.`);
  throw refused(422, `Invalid request.\n\n${problems.join("\n")}`);
};

const count = (text: string | undefined, otherwise: number): number => {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
};
export type Page = { page: number; perPage: number };
export const pageOf = (c: Ctx, perPage = 30, cap = 100): Page => ({
  page: count(c.req.query("page"), 1),
  perPage: Math.min(count(c.req.query("per_page"), perPage), cap),
});

/** Sets the `Link` header; `last` is known only when the whole list is. */
export const link = (
  c: Ctx,
  origin: string,
  { page, more, last }: { page: number; more: boolean; last?: number },
): void => {
  const to = (number: number, rel: string) => {
    const url = new URL(c.req.url);
    url.searchParams.set("page", String(number));
    return `<${origin}${url.pathname}${url.search}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [to(page - 1, "prev")] : []),
    ...(more ? [to(page + 1, "next"), ...(last ? [to(last, "last")] : [])] : []),
    ...(page > 1 ? [to(1, "first")] : []),
  ];
  if (links.length > 0) c.header("Link", links.join(", "));
};

/** One page of a list that is all there, with its `Link` header. */
export const paged = <T>(c: Ctx, origin: string, all: T[], { page, perPage } = pageOf(c)): T[] => {
  const last = Math.ceil(all.length / perPage);
  link(c, origin, { page, more: page < last, last });
  return all.slice((page - 1) * perPage, page * perPage);
};

export const iso = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
