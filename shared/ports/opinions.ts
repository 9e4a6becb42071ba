/** The model's answer: `choice` is a commit of the question, or none of them, and `quotes` stand in the question. `probability` is its own. */
export type Opinion = { choice: string; probability: number; quotes: string[] };

/** A language model that is asked beside the diagnosis. */
export interface Opinions {
  /** The model's name, as people are told it. */
  model: string;
  /** Questions a day, over all incidents. */
  budget: number;
  /**
   * Asks a question of these parts. `sent` is what the model saw: at most 30,000 characters, without what looks like a secret. No opinion is an
   * answer of another shape. Throws UpstreamError("opinion"), after 20 s at the latest.
   */
  ask(parts: string[]): Promise<{ sent: string; opinion?: Opinion }>;
}
