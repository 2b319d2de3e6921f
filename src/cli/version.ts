import manifest from '../../package.json' with { type: 'json' };

/** The version of this program. */
export const VERSION: string = manifest.version;

/** Who wrote a profile. */
export const PRODUCER = `pyflight ${VERSION}`;
