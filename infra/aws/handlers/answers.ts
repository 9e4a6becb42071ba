import { answers } from "../../../functions/answers.ts";
import { retry } from "../../../functions/retry.ts";
import { slackCommands } from "../../../functions/slack-commands.ts";
import { stopping } from "../../../functions/stop/routes.ts";
import { chatOf } from "../chat.ts";
import { onLambda } from "../host.ts";
import { readersOf } from "../readers.ts";
import { receiver } from "../receiver.ts";
import { sourceOf } from "../source.ts";

export const definition = receiver(
  "answers",
  (app, doors) => {
    app.post("/slack/interactions", answers(doors));
    app.post("/slack/commands", slackCommands(doors));
    app.post("/incidents/:service/:environment/retry", retry(doors));
    app.post("/incidents/:service/:environment/:trouble/retry", retry(doors));
    stopping(app, doors);
  },
  { chat: chatOf, accounts: (host) => sourceOf(host, "GITHUB_READ"), access: readersOf },
);
export const handler = onLambda(definition);
