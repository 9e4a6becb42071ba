import weights from "../weights.json" with { type: "json" };

/** What was fitted: log-odds for each unit of a feature, and of a window's signs that the culprit is in it at all. */
export type Weights = { features: Record<string, number>; confidence: Record<string, number> };
export const fitted: Weights = weights;
