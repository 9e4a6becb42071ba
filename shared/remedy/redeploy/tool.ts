import type { RedeployTool } from "../../incident/remedies/redeployment.ts";

/** The tool in a few words. */
export const toolText = (tool: RedeployTool): string =>
  "deployment" in tool ? `a GitHub deployment to ${tool.deployment}` : `${tool.workflow} at ${tool.ref}`;

export const isSameTool = (a: RedeployTool, b: RedeployTool): boolean => keyOf(a) === keyOf(b);

const keyOf = (tool: RedeployTool): string =>
  "deployment" in tool
    ? JSON.stringify(["deployment", tool.deployment])
    : JSON.stringify([tool.workflow, tool.ref, Object.entries(tool.inputs).sort()]);
