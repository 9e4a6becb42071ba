import { enableCompileCache } from "node:module";
import fc from "fast-check";

// Test files that run in separate processes share the compile cache.
enableCompileCache();

/** Property tests try the same cases at every run, so that a red run means the change is wrong. Another FC_SEED tries others. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.FC_SEED ?? 20261122) });
