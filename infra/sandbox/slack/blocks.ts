import type { Json } from "./state.ts";

/** Slack's limits (docs: Block Kit reference). `total` is not documented: past it postMessage answers msg_blocks_too_long. */
export const limits = {
  messageBlocks: 50,
  viewBlocks: 100,
  elements: 25,
  contextElements: 10,
  fields: 10,
  total: 13_200,
  section: 3000,
  field: 2000,
  header: 150,
  button: 75,
  value: 2000,
  id: 255,
  label: 2000,
  placeholder: 150,
  url: 3000,
  title: 24,
  metadata: 3000,
};

export type Problem = { message: string; pointer: string };
type Check = (value: unknown, at: string) => Problem[];

const problem = (message: string, pointer: string): Problem[] => [{ message, pointer }];
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const string =
  (max: number, min = 1): Check =>
  (value, at) => {
    if (typeof value !== "string") return problem("must be a string", at);
    if (value.length < min) return problem(`must be more than ${min - 1} characters`, at);
    return value.length > max ? problem(`must be less than ${max + 1} characters`, at) : [];
  };
const boolean: Check = (value, at) => (typeof value === "boolean" ? [] : problem("must be a boolean", at));
const integer: Check = (value, at) => (Number.isInteger(value) ? [] : problem("must be an integer", at));
const oneOf =
  (...values: string[]): Check =>
  (value, at) =>
    values.includes(value as string) ? [] : problem(`must be one of: ${values.join(", ")}`, at);
const list =
  (item: Check, max: number, min = 1): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return problem("must be an array", at);
    if (value.length < min) return problem(`no fewer than ${min} items allowed`, at);
    if (value.length > max) return problem(`no more than ${max} items allowed`, at);
    return value.flatMap((one, index) => item(one, `${at}/${index}`));
  };

type Fields = Record<string, Check>;
const object =
  (required: Fields, optional: Fields = {}): Check =>
  (value, at) => {
    if (!isObject(value)) return problem("must be an object", at);
    const missing = Object.keys(required).filter((key) => !Object.hasOwn(value, key));
    return [
      ...missing.flatMap((key) => problem(`missing required field: ${key}`, at)),
      ...Object.entries(value).flatMap(([key, one]) => {
        const check = Object.hasOwn(required, key)
          ? required[key]
          : Object.hasOwn(optional, key)
            ? optional[key]
            : undefined;
        return check ? check(one, `${at}/${key}`) : problem(`invalid additional property: ${key}`, at);
      }),
    ];
  };
/** An object whose `type` chooses what else it must be. */
const byType =
  (types: Record<string, Check>): Check =>
  (value, at) => {
    if (!isObject(value)) return problem("must be an object", at);
    if (!Object.hasOwn(value, "type")) return problem("missing required field: type", at);
    const check = Object.hasOwn(types, String(value.type)) ? types[String(value.type)] : undefined;
    return check ? check(value, at) : problem(`unsupported type: ${value.type}`, `${at}/type`);
  };
/** Slack names the object that matches no schema before it says why. */
const schema =
  (check: Check): Check =>
  (value, at) => {
    const found = check(value, at);
    return found.length > 0 ? [...problem("failed to match all allowed schemas", at), ...found] : [];
  };

const any: Check = () => [];
const id = string(limits.id);
const plain = (max: number) =>
  schema(object({ type: oneOf("plain_text"), text: string(max) }, { emoji: boolean }));
const mrkdwn = (max: number) => object({ type: any, text: string(max) }, { verbatim: boolean });
const text = (max: number) => schema(byType({ plain_text: plain(max), mrkdwn: mrkdwn(max) }));
const image = object({ type: any, image_url: string(limits.url), alt_text: string(limits.value) });
const confirm = object(
  { title: plain(100), text: text(300), confirm: plain(30), deny: plain(30) },
  { style: oneOf("primary", "danger") },
);
const button = object(
  { type: any, text: plain(limits.button) },
  {
    action_id: id,
    value: string(limits.value),
    url: string(limits.url),
    style: oneOf("primary", "danger"),
    confirm,
    accessibility_label: string(75),
  },
);
const option = object({ text: plain(limits.button) }, { value: string(150), url: string(limits.url) });
const overflow = object({ type: any, options: list(option, 5) }, { action_id: id, confirm });
const input = object(
  { type: any },
  {
    action_id: id,
    placeholder: plain(limits.placeholder),
    initial_value: string(limits.section, 0),
    multiline: boolean,
    min_length: integer,
    max_length: integer,
    focus_on_load: boolean,
    dispatch_action_config: any,
  },
);
const block = byType({
  header: object({ type: any, text: plain(limits.header) }, { block_id: id, level: integer }),
  divider: object({ type: any }, { block_id: id }),
  section: (value, at) => {
    const optional = {
      text: text(limits.section),
      fields: list(text(limits.field), limits.fields),
      block_id: id,
      accessory: byType({ button, image }),
      expand: boolean,
    };
    const empty = isObject(value) && !("text" in value) && !("fields" in value);
    return empty ? problem("missing required field: text", at) : object({ type: any }, optional)(value, at);
  },
  context: object(
    {
      type: any,
      elements: list(
        byType({ plain_text: plain(limits.section), mrkdwn: mrkdwn(limits.section), image }),
        limits.contextElements,
      ),
    },
    { block_id: id },
  ),
  actions: object(
    { type: any, elements: list(byType({ button, overflow }), limits.elements) },
    { block_id: id },
  ),
  image: (value, at) => {
    const optional = { title: plain(2000), block_id: id };
    const source: Fields =
      isObject(value) && "slack_file" in value
        ? { slack_file: object({ id }) }
        : { image_url: string(limits.url) };
    return object({ type: any, ...source, alt_text: string(limits.value) }, optional)(value, at);
  },
  input: object(
    { type: any, label: plain(limits.label), element: byType({ plain_text_input: input }) },
    { block_id: id, hint: plain(limits.label), optional: boolean, dispatch_action: boolean },
  ),
});

const duplicates = (blocks: unknown[], at: string): Problem[] => {
  const twice = (values: unknown[]) =>
    values.filter((value, index) => value !== undefined && values.indexOf(value) !== index);
  const ids = twice(blocks.map((one) => (isObject(one) ? one.block_id : undefined)));
  const actions = blocks.flatMap((one, index) => {
    const elements = isObject(one) && Array.isArray(one.elements) ? one.elements : [];
    const found = twice(elements.map((element) => (isObject(element) ? element.action_id : undefined)));
    return found.flatMap((name) =>
      problem(`\`action_id\` ${JSON.stringify(name)} already exists in the block`, `${at}/${index}/elements`),
    );
  });
  return [
    ...ids.flatMap((name) => problem(`\`block_id\` ${JSON.stringify(name)} already exists`, at)),
    ...actions,
  ];
};

export const checkBlocks = (blocks: unknown, max = limits.messageBlocks, at = "/blocks"): Problem[] => {
  const found = list(block, max, 0)(blocks, at);
  return [...found, ...(Array.isArray(blocks) ? duplicates(blocks, at) : [])];
};

/** A modal as views.open takes it. */
export const checkView = (view: unknown): Problem[] => {
  const optional = {
    submit: plain(limits.title),
    close: plain(limits.title),
    private_metadata: string(limits.metadata, 0),
    callback_id: id,
    external_id: string(limits.id, 0),
    clear_on_close: boolean,
    notify_on_close: boolean,
    submit_disabled: boolean,
  };
  const found = object({ type: oneOf("modal"), title: plain(limits.title), blocks: any }, optional)(
    view,
    "/view",
  );
  if (!isObject(view) || !("blocks" in view)) return found;
  const inputs =
    Array.isArray(view.blocks) && view.blocks.some((one) => isObject(one) && one.type === "input");
  const noSubmit = inputs && !view.submit ? problem("missing required field: submit", "/view") : [];
  return [...found, ...noSubmit, ...checkBlocks(view.blocks, limits.viewBlocks, "/view/blocks")];
};

/** The characters of all texts of the blocks together. */
export const textLength = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + textLength(one), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, one]) => sum + (key === "text" && typeof one === "string" ? one.length : textLength(one)),
    0,
  );
};
