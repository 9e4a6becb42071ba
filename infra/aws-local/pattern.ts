/**
 * A pattern as EventBridge rules and Lambda's filters have it, as far as ours go: of each field the values it may have, plain or
 * `{prefix}`. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export type Pattern = { [field: string]: Pattern | (string | number | boolean | { prefix: string })[] };

export const matches = (pattern: Pattern, event: object): boolean =>
  Object.entries(pattern).every(([field, wanted]) => {
    const value: unknown = Reflect.get(event, field);
    if (!Array.isArray(wanted)) return typeof value === "object" && value !== null && matches(wanted, value);
    return wanted.some((one) =>
      typeof one === "object" ? typeof value === "string" && value.startsWith(one.prefix) : value === one,
    );
  });
