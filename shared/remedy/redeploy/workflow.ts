import { isRecord, ownValue } from "../../records.ts";
import { parseYaml } from "../../yaml/document.ts";

/**
 * Why GitHub would not take a dispatch of this workflow with these inputs, as sentences; none when it would:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_dispatch
 */
export const dispatchProblems = (file: string, text: string, inputs: Record<string, string>): string[] => {
  const { documents, errors } = parseYaml(file, text);
  const read: unknown = errors.length === 0 ? documents[0]?.toJS() : undefined;
  if (!isRecord(read)) return [`${file} is not a workflow that can be read`];
  const declared = declaredInputs(read.on);
  if (declared === undefined) return [`${file} has no workflow_dispatch trigger`];
  return [
    ...Object.keys(inputs)
      .filter((key) => !Object.hasOwn(declared, key))
      .map((key) => `${file} declares no input ${key}`),
    ...Object.entries(declared).flatMap(([key, input]) =>
      problemsOf(file, { key, input, given: ownValue(inputs, key) }),
    ),
  ];
};

type Given = { key: string; input: Record<string, unknown>; given: string | undefined };

const problemsOf = (file: string, { key, input, given }: Given): string[] => {
  if (given === undefined)
    return input.required === true && input.default === undefined
      ? [`${file} requires the input ${key}`]
      : [];
  const { options } = input;
  const isChoice = Array.isArray(options) && !/\{\w+\}/.test(given);
  return isChoice && !options.includes(given) ? [`${file} does not offer ${given} for the input ${key}`] : [];
};

/** The inputs by name; undefined without the trigger. */
const declaredInputs = (on: unknown): Record<string, Record<string, unknown>> | undefined => {
  if (on === "workflow_dispatch" || (Array.isArray(on) && on.includes("workflow_dispatch"))) return {};
  if (!isRecord(on) || !("workflow_dispatch" in on)) return undefined;
  const { workflow_dispatch: trigger } = on;
  if (!isRecord(trigger) || !isRecord(trigger.inputs)) return {};
  return Object.fromEntries(
    Object.entries(trigger.inputs).map(([key, input]) => [key, isRecord(input) ? input : {}]),
  );
};
