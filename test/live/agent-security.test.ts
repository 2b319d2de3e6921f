import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentSession, attach } from '../../src/api/index.ts';
import { PROTOCOL } from '../../src/wire/protocol.ts';
import { AgentScene, AUDIT_FILE, removeAgentFiles } from '../support/agent-scene.ts';
import { runPyflight } from '../support/command-line.ts';
import { until } from '../support/counting-target.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { readOnlyScript } from '../support/sandboxes.ts';
import { programsSeenBy } from '../support/target.ts';

const found = findInterpreters().findLast(({ kind, root }) => kind === 'shared' && root === undefined);
if (found === undefined) throw new Error('there is no Python to run');
const interpreter = found;
const isRoot = process.getuid?.() === 0;

describe('an agent', () => {
  let scene: AgentScene;
  let agent: AgentSession;
  let directory: string;
  beforeAll(async () => {
    scene = await AgentScene.open(interpreter);
    agent = await scene.agent();
    ({ directory } = await agent.status());
  });
  afterAll(async () => {
    agent?.[Symbol.dispose]();
    await scene?.[Symbol.asyncDispose]();
  });

  const HELLO = { id: 1, op: 'hello', protocol: PROTOCOL, name: 'forged' };
  const EVALUATE = { id: 1, op: 'evaluate', module: '__main__', expression: 'shapes.clear()' };

  test.each<[string, Uint8Array]>([
    ['is no frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['is longer than any', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
    ['is no JSON', frame('{"id": 1, "op"')],
    ['is no object', frame('[1, 2]')],
    ['is deeper than any', frame('['.repeat(100_000))],
    ['asks before it greets', frameOf(EVALUATE)],
    ['has no id', frameOf({ op: 'hello' })],
  ])('hangs up on a client whose message %s', async (_, bytes) => {
    const socket = await connected(join(directory, 's'));
    const said = endOf(socket);
    socket.write(bytes);
    expect(await said).toBe('');
    expect(await scene.ask('len(shapes)')).toBe(2);
  });

  test('tells a client of another protocol which one it speaks, and does nothing for it', async () => {
    const socket = await connected(join(directory, 's'));
    const said = endOf(socket);
    socket.write(Buffer.concat([frameOf({ ...HELLO, protocol: 99 }), frameOf({ ...EVALUATE, id: 2 })]));
    expect((await said).slice(4)).toBe(
      `{"error":{"code":"protocol","message":"protocol ${PROTOCOL} is spoken here"},"id":1}`,
    );
    expect(await scene.ask('len(shapes)')).toBe(2);
    expect(await agent.status()).toMatchObject({ clients: [{ isOwn: true }] });
  });

  const ASK_AS_NOBODY = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
try:
    s.connect(sys.argv[1])
    s.sendall(bytes.fromhex(sys.argv[2]))
    print(s.recv(100))
except OSError as error:
    print(type(error).__name__)`;

  test.skipIf(!isRoot)('lets another user neither in nor look, and hangs up should he come in', () => {
    expect(statSync(directory).mode & 0o7777).toBe(0o700);
    const asNobody = (): string => {
      const words = ['-c', ASK_AS_NOBODY, join(directory, 's'), Buffer.from(frameOf(HELLO)).toString('hex')];
      return spawnSync(
        'setpriv',
        ['--reuid=65534', '--regid=65534', '--clear-groups', '/usr/bin/python3', ...words],
        {
          encoding: 'utf8',
        },
      ).stdout.trim();
    };
    expect(asNobody()).toBe('PermissionError');
    chmodSync(directory, 0o755);
    chmodSync(join(directory, 's'), 0o666);
    expect(["b''", 'ConnectionResetError', 'BrokenPipeError']).toContain(asNobody());
    chmodSync(directory, 0o700);
  });

  test('is used by nobody without a line in the audit, which is for one user only', async () => {
    await agent.evaluate({ module: '__main__', path: 'shapes', expression: 'len(target)' });
    const last = readFileSync(AUDIT_FILE, 'utf8').trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({
      pid: scene.pid,
      uid: process.getuid?.(),
      op: 'evaluate',
      path: 'shapes',
      expression: 'len(target)',
    });
    expect(statSync(AUDIT_FILE).mode & 0o777).toBe(0o600);
  });

  test('leaves when it has heard of nobody for its lease, also with a silent client', async () => {
    await using other = await AgentScene.open(interpreter);
    const before = await other.footprint();
    const brief = await other.agent({ leaseSeconds: 0.3 });
    const path = join((await brief.status()).directory, 's');
    brief[Symbol.dispose]();
    const silent = await connected(path);
    silent.write(frameOf(HELLO));
    await endOf(silent);
    await until(() => other.threads() === before.threads, 'its thread has ended');
    expect(await other.footprint()).toEqual(before);
  });

  test('is one, however many come at once', async () => {
    await using other = await AgentScene.open(interpreter);
    using second = await attach(other.pid);
    const sessions = await Promise.all([other.agent(), second.agent(other.injecting)]);
    expect((await sessions[0].status()).clients).toHaveLength(2);
    expect(other.files()).toHaveLength(1);
    for (const session of sessions) session[Symbol.dispose]();
  });

  test.skipIf(!isRoot)('is reached across namespaces of users, pids, mounts and networks', async () => {
    const through = ['unshare', '--user', '--map-root-user', '--net', '--pid', '--fork', '--mount-proc'];
    await using other = await AgentScene.open(interpreter, { through: [...through, '--kill-child'] });
    const isolated = await other.agent();
    expect(await isolated.status()).toMatchObject({ pid: 1, clients: [{ isOwn: true }] });
    expect((await isolated.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
  });

  test.skipIf(!isRoot)(
    'lies elsewhere where /tmp cannot be written, and nowhere is said with the reasons',
    async () => {
      const through = (places: readonly string[]) => {
        return ['unshare', '--mount', 'sh', '-c', readOnlyScript(places), 'sh'];
      };
      await using other = await AgentScene.open(interpreter, { through: through(['/tmp']) });
      const elsewhere = await other.agent();
      expect((await elsewhere.status()).directory).toMatch(/^\/var\/tmp\/pyflight-/u);
      expect((await elsewhere.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
      const all = ['/tmp', '/var/tmp', '/dev/shm'];
      await using nowhere = await AgentScene.open(interpreter, { through: through(all) });
      await expect(nowhere.agent()).rejects.toMatchObject({
        code: 'agent-place',
        attempts: expect.arrayContaining(['/tmp: the file system is read-only']),
      });
    },
  );
});

describe('a process whose agent is not ours', () => {
  test.each([
    ['garbage', 'is too long'],
    ['huge', 'is too long'],
    ['not-json', 'is not JSON'],
    ['wrong-shape', 'is no text'],
    ['deep', 'is not JSON'],
    ['flood', 'it says what nobody has asked for'],
    ['silent', 'no answer came within 0.3 s'],
  ])('is not understood when it is %s', async (mode, message) => {
    await using target = await startHostile(mode);
    using inspection = await attach(target.pid);
    await expect(inspection.findAgent({ timeoutMs: 300 })).rejects.toThrow(message);
  });

  test('cannot reach the terminal with what it says', async () => {
    await using target = await startHostile('escapes');
    const { status, out, notes } = await runPyflight(['status', `${target.pid}`]);
    expect([status, notes]).toEqual([0, '']);
    expect(out).toContain('Agent \\x1b[2J, inside');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
    expect(out).not.toMatch(/[\x00-\x09\x0b-\x1f]/u);
  });

  test.skipIf(!isRoot)('is not believed when somebody else has planted it', async () => {
    await using target = await startHostile('refusing');
    await using victim = await AgentScene.open(interpreter);
    // Another process listens in a directory with the right name, user and mode.
    const planted = `/tmp/pyflight-${victim.pid}-planted`;
    spawnSync('mv', [`/tmp/pyflight-${target.pid}-hostile`, planted]);
    expect(await victim.inspection.findAgent()).toBeUndefined();
    rmSync(planted, { recursive: true });
    mkdirSync(planted, { mode: 0o777 });
    chmodSync(planted, 0o777);
    expect(await victim.inspection.findAgent()).toBeUndefined();
    rmSync(planted, { recursive: true });
  });
});

async function startHostile(mode: string): Promise<{ readonly pid: number } & AsyncDisposable> {
  const program = join(programsSeenBy(interpreter), 'hostile-agent.py');
  const target = await PlatformTarget.start(interpreter.command[0] ?? '', [program, mode]);
  await target.nextLine();
  return {
    pid: target.pid,
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      removeAgentFiles(target.pid);
    },
  };
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

/** All that it says until it hangs up. */
async function endOf(socket: Socket): Promise<string> {
  let said = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    said += text;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return said;
}

function frameOf(message: object): Uint8Array {
  return frame(JSON.stringify(message));
}

function frame(text: string): Uint8Array {
  const body = Buffer.from(text);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}
