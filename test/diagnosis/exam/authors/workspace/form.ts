export type Candidate = {
  sha: string;
  at: number;
  subject: string;
  body: string;
  author: string;
  bot?: boolean;
  files: string[];
  patch: string;
};
export type Deploy = { at: number; service: string; sha: string; version?: string };
export type LogLine = { at: number; service: string; level: string; text: string; trace?: string };
export type Point = [at: number, value: number | null];
export type Series = { service: string; metric: string; points: Point[] };
export type Flag = { at: number; service: string; flag: string; change: string };

/** An incident in the form that the exam reads; times are epoch milliseconds. */
export type Case = {
  id: string;
  at: number;
  service: string;
  servicePaths: string[];
  dependsOn: string[];
  candidates: Candidate[];
  symptom?: string;
  deploys?: Deploy[];
  logs?: LogLine[];
  series?: Series[];
  flags?: Flag[];
  culprit: string | null;
};

/** The same trouble twice: once a change did it, once the same change is not there, and something else did it. */
export type Pair = { story: string; guilty: Case; twin: Case };
