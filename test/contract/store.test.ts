import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { memoryStore } from "../../shared/adapters/memory.ts";
import { sqliteStore } from "../../shared/adapters/sqlite/store.ts";
import { storeContract } from "./store.ts";

const directory = mkdtempSync(join(tmpdir(), "countersteer-"));
after(() => rmSync(directory, { recursive: true }));
let files = 0;

storeContract("memory", async () => memoryStore());
storeContract("sqlite", () => sqliteStore({ path: join(directory, `${++files}.db`) }));
