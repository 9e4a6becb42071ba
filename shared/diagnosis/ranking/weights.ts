import weights from "../weights.json" with { type: "json" };

/** The fitted log-odds: for each unit of a feature, and of the window's signs that it contains the culprit. */
export type Weights = { features: Record<string, number>; confidence: Record<string, number> };
export const fitted: Weights = weights;
