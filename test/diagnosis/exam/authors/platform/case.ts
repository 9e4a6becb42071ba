export type Candidate = {
  sha: string;
  at: number;
  subject: string;
  body: string;
  files: string[];
  patch: string;
  author?: string;
  bot?: boolean;
};
export type Deploy = { at: number; service: string; sha: string; version?: string; heardAt?: number };
export type Log = { at: number; service: string; level: string; text: string; trace?: string };
export type Point = [number, number | null];
export type Series = { service: string; metric: string; points: Point[] };
export type Flag = { at: number; service: string; flag: string; change: string };

/** The form of a case, as the exam reads it. */
export type Case = {
  id: string;
  at: number;
  candidates: Candidate[];
  symptom?: string;
  service?: string;
  servicePaths?: string[];
  dependsOn?: string[];
  deploys?: Deploy[];
  logs?: Log[];
  series?: Series[];
  flags?: Flag[];
  culprit: string | null;
};

/** The same trouble twice: once a change did it, once the same change is not there, and something else did it. */
export type Pair = { story: string; guilty: Case; twin: Case };
