import { answers } from "../../../functions/answers.ts";
import { pageDoor } from "../../../functions/approval/page-door.ts";
import { drilling } from "../../../functions/drill/routes.ts";
import { retry } from "../../../functions/retry.ts";
import { slackCommands } from "../../../functions/slack-commands.ts";
import { stopping } from "../../../functions/stop/routes.ts";
import { chatOf } from "../adapters/chat.ts";
import { readersOf } from "../adapters/readers.ts";
import { accountsWith } from "../adapters/source.ts";
import { onLambda } from "../host.ts";
import { receiver } from "../receiver.ts";

export const definition = receiver(
  "answers",
  (app, doors) => {
    app.post("/slack/interactions", answers(doors));
    app.post("/slack/commands", slackCommands(doors));
    app.post("/incidents/:service/:environment/retry", retry(doors));
    app.post("/incidents/:service/:environment/:trouble/retry", retry(doors));
    app.post("/incidents/:service/:environment/answer", pageDoor(doors));
    app.post("/incidents/:service/:environment/:trouble/answer", pageDoor(doors));
    stopping(app, doors);
    drilling(app, doors);
  },
  { chat: chatOf, accounts: (host) => accountsWith(host, "GITHUB_READ"), access: readersOf },
);
export const handler = onLambda(definition);
