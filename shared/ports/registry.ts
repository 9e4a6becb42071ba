/** The places where images are kept. */
export interface Registry {
  /**
   * The commit that an image was built from (OCI's `revision` and `source`); undefined when the image does not say it or does not exist, or
   * its registry may not be asked. Throws UpstreamError.
   */
  origin(image: Image): Promise<{ revision: string; source?: string } | undefined>;
}

/** An image reference (distribution's reference grammar). */
export type Image = { name: string; tag?: string; digest?: string };
