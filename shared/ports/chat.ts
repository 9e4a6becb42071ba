import type { EpochMs } from "../brands.ts";
import type { Message } from "../incident/model.ts";
import type { Picture } from "./picture.ts";

/** Text with links, times of the reader's own zone, and emphasis. Every string is raw; one that is a line end alone begins a new line. */
export type Span =
  | string
  | { text: string; url: string }
  | { at: EpochMs; seconds?: true }
  | { strong: Span[] };

/** The text of a button, and the dialog that confirms a press. `yes` is the button of that dialog. */
export type Button = {
  text: string;
  confirm?: { title: string; text: string; yes: string; isDanger?: true };
};

/** The incident as people in chat see it. All text is raw: the adapter encodes it. */
export type View = {
  marker: string;
  /** An instant near the times of day in its texts, which are UTC: readers see them in their own zone. */
  near?: EpochMs;
  headline: string;
  /** Takes the place of the headline at the top of the message; the links of a question then stand in a menu beside its buttons. */
  lead?: Span[];
  /** Short paragraphs, the most important first. */
  lines: ViewLine[];
  links: { text: string; url: string }[];
  /** A picture that was uploaded; it stands below the lead. */
  picture?: { file: string; alt: string };
  /** Slack users and user groups who are mentioned. */
  mentions?: string[];
  /** Present while a decision is awaited. */
  buttons?: {
    incident: string;
    round: number;
    head: string;
    /** Names the question that is asked now: a button of an earlier one decides nothing. */
    nonce?: string;
    approve?: Button;
    reject?: Button;
    /** It was not this one; wait a while; look once more. */
    ruleOut?: Button;
    snooze?: Button;
    look?: Button;
    /** The other remedies, by their index in the diagnosis. */
    others: ({ choice: number } & Button)[];
  };
  /** Present while an approval can still be stopped. */
  stop?: { incident: string; round: number; head: string; nonce?: string };
  /** Present when it may be tried again. */
  retry?: { incident: string; round: number; text?: string };
  /** Present when a draft may bring back what was reverted. */
  reland?: { incident: string; round: number };
};

/** The person of a click: `team` is their own workspace, where Slack tells it. */
export type ChatUser = { id: string; team?: string };
/**
 * The kind of account that a person has; `unknown` where the app may not read accounts, `unseen` where Slack does not show it this one. A
 * stranger is of another organisation.
 */
export type AccountKind = "member" | "guest" | "bot" | "stranger" | "deactivated" | "unknown" | "unseen";

/** One reply. With `broadcast`, the channel shows it as well, as it needs a person. */
export type Reply = {
  marker: string;
  lines: ViewLine[];
  mentions?: string[];
  broadcast?: true;
  /** As of a view. */
  near?: EpochMs;
};
/** `spans` say the same as `text`, with links and times. `small`: it stands in small print. */
export type ViewLine = { label?: string; text: string; spans?: Span[]; small?: true };

/** The place where people are asked. Every method throws UpstreamError, but for `names` and `linkTo`. */
export interface Chat {
  /** How long it waits for the answer to a click, in ms; Slack's own 3 s unless told. */
  readonly patienceMs?: number;
  /** Posts the message, or finds the one already posted with this marker at or after `since` and brings it up to date. */
  post(channel: string, view: View, since: number): Promise<Message>;
  /** Brings the message up to date. */
  update(message: Message, view: View): Promise<void>;
  /** Keeps a picture for messages of this app, and returns the name by which a view shows it. */
  upload(picture: Picture): Promise<string>;
  /** Adds to the message's thread each reply whose marker is not there yet. Reads first. */
  reply(message: Message, notes: Reply[]): Promise<void>;
  /** Tells one person something only they see. */
  whisper(channel: string, user: string, text: string): Promise<void>;
  /** Opens the modal that asks why; its answer comes back as an interaction carrying `state`. */
  askReason(triggerId: string, state: string, title: string): Promise<void>;
  /** The id in `listed` that is the same person's, else the user's own: on Enterprise Grid an account has an id of the workspace and one of the organisation. */
  listedAs(user: string, listed: string[]): Promise<string>;
  /** Whether the user is a full member of this workspace or its enterprise. */
  standing(user: ChatUser): Promise<AccountKind>;
  /** Whether the user is one of `approvers` now: a listed user, or a member of a listed user group. Throws rather than guesses. */
  isApprover(user: string, approvers: string[]): Promise<boolean>;
  /** The names of users and user groups; an id that has none, or whose name cannot be read, stays as it is. */
  names(ids: string[]): Promise<string[]>;
  /** The address of a message; undefined when it cannot be told. */
  linkTo(message: Message): Promise<string | undefined>;
}
