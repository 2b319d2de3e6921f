import type { ProfileFormat } from './format.ts';
import { PyflightWriter } from './pyflight-writer.ts';

/** Our own format, which holds all that a profile knows, is small, and can be turned into any other. */
export const pyflight: ProfileFormat = {
  name: 'pyflight',
  aliases: ['binary'],
  endings: ['.pyflight'],
  summary: 'all that is known, compressed; `pyflight convert` makes the others of it',
  write: function* write(profile) {
    const writer = new PyflightWriter();
    yield writer.head();
    yield* writer.part(profile);
    yield* writer.account(profile.account);
  },
};
