/** A picture for people, drawn when it is asked for, and what it shows in a sentence for those who do not see it. */
export type Picture = { png: () => Uint8Array; alt: string };
