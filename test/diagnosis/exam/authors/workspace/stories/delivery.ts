import { edit } from "../edit.ts";
import { log, once, py, type Story, track } from "../story.ts";

const loop: Story = {
  name: "messages come back",
  service: "notifier",
  owner: "notifier",
  wait: "now",
  symptoms: [
    "NotifierBacklog: unacknowledged messages on notifier above 10k",
    "Push notifications do not arrive on phones, notifier workers run hot",
    "notifications late; notifier queue push.outbox not draining",
  ],
  culprits: [
    {
      subjects: [
        "Do not lose pushes on an error",
        "Handle every push failure the same way",
        "Simplify push error handling",
      ],
      edits: [
        edit(
          "services/notifier/notifier/push.py",
          `
 def on_push(body, message):
     try:
         send(body["device"], body["text"])
-    except DeviceGone:
-        Device.objects.filter(token=body["device"]).delete()
-        message.ack()
-    except PushError:
-        message.reject(requeue=False)
+    except PushError as error:
+        log.warning("push failed: %s", error)
+        message.requeue()
     else:
         message.ack()`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Simplify push error handling",
      "Log which device is gone",
      "Handle gone devices in one place",
    ],
    edits: [
      edit(
        "services/notifier/notifier/push.py",
        `
+def forget(token):
+    log.info("device gone: %s", token[:8])
+    Device.objects.filter(token=token).delete()
+
+
 def on_push(body, message):
     try:
         send(body["device"], body["text"])
     except DeviceGone:
-        Device.objects.filter(token=body["device"]).delete()
+        forget(body["device"])
         message.ack()`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Group pushes of one thread", "One push for many comments"],
      edits: [
        edit(
          "services/notifier/notifier/group.py",
          `
 def group(events):
-    return [[event] for event in events]
+    groups = defaultdict(list)
+    for event in events:
+        groups[event.thread_id].append(event)
+    return list(groups.values())`,
        ),
      ],
    },
    {
      subjects: ["Acknowledge digests one by one", "Message handling for the digest queue"],
      edits: [
        edit(
          "services/notifier/notifier/digest.py",
          `
 def on_digest(bodies, messages):
     for body, message in zip(bodies, messages):
         send_digest(body["user"], body["events"])
-    messages[-1].ack(multiple=True)
+        message.ack()
+
+
+def empty(body):
+    return not body["events"]`,
        ),
      ],
    },
  ],
  guilty: [
    log("notifier", "warn", "push failed: device unregistered token=%id% redelivered=True"),
    log("notifier", "warn", "push failed: device unregistered token=%id% redelivered=True attempt unknown"),
    log("notifier", "info", "push.outbox message %id% requeued"),
  ],
  twin: [
    once(
      -10,
      "notifier",
      "error",
      "rabbit@mq-1: memory resource limit alarm set, publishers blocked (another vhost, reporting, holds 11.2 GB)",
    ),
    log("notifier", "warn", "connection to mq-1 blocked: low on memory"),
    log("exporter", "warn", "connection to mq-1 blocked: low on memory"),
    log("notifier", "warn", "ack of %id% timed out after %slow%ms"),
  ],
  tracks: [
    track('unacked_messages{queue="push.outbox"}', 120, "ramp:21000", "ramp:17000"),
    track("redelivered_per_second", 0.2, "step:640", "step:3"),
    track("push_attempts_per_second", 38, "step:690", "step:4"),
    track('rabbitmq_memory_used_ratio{node="mq-1"}', 0.32, "flat", "slide:0.99"),
  ],
  spare: ["logs", "deploys", "series"],
};

const template: Story = {
  name: "e-mails fail",
  service: "notifier",
  owner: "notifier",
  wait: "now",
  symptoms: [
    "EmailFailures: failed e-mail tasks on notifier above 10%",
    "Nobody gets invitation mails. New members cannot join.",
    "notifier send_email failures",
  ],
  culprits: [
    {
      subjects: [
        "Pass the inviter as an object",
        "Clean up e-mail contexts",
        "Show the inviter's picture in invitations",
      ],
      edits: [
        edit(
          "services/notifier/notifier/contexts.py",
          `
 def invitation(invite):
     return {
-        "inviter_name": invite.sender.display_name,
-        "workspace_name": invite.workspace.name,
+        "inviter": invite.sender,
+        "workspace": invite.workspace,
         "url": invite.url(),
     }


 def mention(event):
-    return {"author_name": event.author.display_name, "url": event.url()}
+    return {"author": event.author, "url": event.url()}`,
        ),
        edit(
          "services/notifier/notifier/templates/mention.html",
          `
-<p>{{ author_name }} mentioned you:</p>
+<p>{{ author.display_name }} mentioned you:</p>
 <blockquote>{{ text }}</blockquote>`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Clean up e-mail contexts",
      "Type the contexts of e-mails",
      "Add the workspace's color to invitations",
    ],
    edits: [
      edit(
        "services/notifier/notifier/contexts.py",
        `
-def invitation(invite):
+def invitation(invite: Invite) -> dict[str, str]:
     return {
         "inviter_name": invite.sender.display_name,
         "workspace_name": invite.workspace.name,
+        "color": invite.workspace.color or "#3b6",
         "url": invite.url(),
     }


-def mention(event):
+def mention(event: Event) -> dict[str, str]:`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Invitation e-mail: new text", "Friendlier invitation mail"],
      edits: [
        edit(
          "services/notifier/notifier/templates/invitation.txt",
          `
 Hello,

-{{ inviter_name }} invited you to {{ workspace_name }}.
+{{ inviter_name }} would like to work with you in {{ workspace_name }}.

-Accept: {{ url }}
+Join with this link: {{ url }}
+
+The link works for seven days.`,
        ),
      ],
    },
    {
      subjects: ["Send e-mails through a second pool", "E-mail: open fewer SMTP connections"],
      edits: [
        edit(
          "services/notifier/notifier/smtp.py",
          `
 class Pool:
-    size = 10
+    size = 6

     def connection(self):
-        return self.idle.pop() if self.idle else self.open()
+        while self.idle:
+            found = self.idle.pop()
+            if found.alive():
+                return found
+        return self.open()`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "notifier",
      "error",
      "task send_email[%id%] kind=invitation failed",
      py(
        "jinja2.exceptions.UndefinedError: 'inviter_name' is undefined",
        "notifier/tasks.py:33 send_email",
        "notifier/render.py:18 render",
        "~jinja2/environment.py:1304 render",
        "notifier/templates/invitation.txt:3 top-level template code",
      ),
    ),
    log("notifier", "info", "task send_email[%id%] kind=mention succeeded in %ms%ms"),
  ],
  twin: [
    log(
      "notifier",
      "error",
      "task send_email[%id%] kind=invitation failed",
      py(
        "smtplib.SMTPSenderRefused: (454, b'4.7.0 Throttling failure: daily message quota exceeded', 'hello@workspace.example')",
        "notifier/tasks.py:33 send_email",
        "notifier/smtp.py:51 deliver",
        "~smtplib.py:887 sendmail",
      ),
    ),
    log(
      "notifier",
      "warn",
      "task send_email[%id%] kind=mention refused by smtp.mail-provider.example: 454 4.7.0",
    ),
  ],
  tracks: [
    track("email_failed_ratio", 0.004, "step:0.31", "step:0.9"),
    track('email_failed_per_minute{kind="invitation"}', 0.2, "step:24", "step:20"),
    track('email_failed_per_minute{kind="mention"}', 0.3, "flat", "step:110"),
    track('smtp_replies_per_minute{code="454"}', 0, "flat", "step:130"),
  ],
  spare: ["series", "deploys"],
};

export const deliveries: readonly Story[] = [loop, template];
