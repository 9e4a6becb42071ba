import { environment } from "../host/environment.ts";
import { serverCommand } from "../host/serve.ts";
import { readSettings } from "../host/settings.ts";
import { helpOf } from "../host/variables.ts";
import { startServer } from "./server.ts";

const help = `usage: npm start

Runs the server. These environment variables set it up:
${helpOf(environment)}
Without any credentials the sandbox plays GitHub and Slack.`;

export const start = serverCommand("start", help, (log) => startServer(readSettings(process.env), log));
