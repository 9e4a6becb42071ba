/** The places where images are kept. */
export interface Registry {
  /**
   * What an image says of the commit it was built from (OCI's `revision` and `source`); undefined when it says nothing, is not there, or
   * its registry is not one that may be asked. Throws UpstreamError.
   */
  origin(image: Image): Promise<{ revision: string; source?: string } | undefined>;
}

/** What runs, as an image reference names it (distribution's reference grammar). */
export type Image = { name: string; tag?: string; digest?: string };
