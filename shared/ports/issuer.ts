/** The secrets of one sign-in, by which the person who comes back is known to be the one who left. */
export type Begun = { state: string; nonce: string; verifier: string };

/** A person whom the issuer has signed in. `email`: only one that the issuer has verified. */
export type SignedIn = { subject: string; groups: string[]; email?: string };

/** An issuer of OpenID Connect that signs people in. */
export interface Issuer {
  /** For people: its host. */
  name: string;
  /** The address at the issuer where the person signs in, and what must be kept until they come back. Throws UpstreamError. */
  begin(redirectUri: string): Promise<Begun & { url: string }>;
  /** The person who came back, or a sentence why they are not known. Throws UpstreamError when the issuer cannot be asked. */
  finish(
    answer: URLSearchParams,
    left: { redirectUri: string; begun: Begun },
  ): Promise<SignedIn | { refused: string }>;
  /** Where the person also signs out of the issuer, and is sent back; undefined where it has no such address. Throws UpstreamError. */
  signOut(backTo: string): Promise<string | undefined>;
}
