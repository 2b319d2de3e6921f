import manifest from '../../package.json' with { type: 'json' };

/** The version of this pyflight, which an agent that it brings in says of itself. */
export const VERSION: string = manifest.version;
