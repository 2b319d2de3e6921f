import { expect, test } from 'vitest';
import { parseUserName } from './user-name.ts';

const PASSWD = 'root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\napp:x:1000:1000::/srv:/bin/sh\n';

test.each([
  [0, 'root'],
  [1000, 'app'],
  [100, undefined],
])('parseUserName() finds the user of uid %i', (uid, name) => {
  expect(parseUserName(PASSWD, uid)).toBe(name);
});
