import { serverCommand } from "../host/server/serve.ts";
import { environment } from "../host/settings/environment.ts";
import { readSettings } from "../host/settings/settings.ts";
import { helpOf } from "../host/settings/variables.ts";
import { startServer } from "./server.ts";

const help = `usage: npm start [-- --pretty]

Runs the server. These environment variables set it up:
${helpOf(environment)}
Without any credentials the sandbox plays GitHub and Slack.
  --pretty  the log in lines to read, not in JSON`;

/** A look at 200 repositories is a thousand calls to GitHub: one a day, and none by a server that starts again and again. */
const examines = { firstMs: 60_000, everyMs: 24 * 60 * 60_000 };

export const start = serverCommand("start", help, (log) =>
  startServer(readSettings(process.env), log, { examines }),
);
