import { encoderTargets } from "./encoders.ts";
import { languageTargets } from "./languages.ts";
import { payloadTargets } from "./payloads.ts";
import type { Fuzzed } from "./target.ts";

export const targets: Fuzzed[] = [...payloadTargets, ...languageTargets, ...encoderTargets];
