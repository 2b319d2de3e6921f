/** A socket as /proc/PID/net tells it. */
export interface NetSocket {
  readonly inode: number;
  readonly local: string | undefined;
  readonly peer: string | undefined;
  readonly isListening: boolean;
}

/** TCP_LISTEN, linux/include/net/tcp_states.h. */
const LISTENING = '0A';
const INODE_COLUMN = 9;

/**
 * Parses /proc/PID/net/tcp, tcp6, udp and udp6 (net/ipv4/tcp_ipv4.c, `get_tcp4_sock`): addresses are words of memory in
 * hexadecimal, ports are numbers. Lines of another form are left out.
 */
//   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//    0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31337 1 0000000000000000
export function parseInetSockets(text: string): readonly NetSocket[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/u);
    const [, localWord = '', peerWord = '', state] = words;
    const local = formatEndpoint(localWord);
    const inode = Number(words[INODE_COLUMN]);
    if (local === undefined || !Number.isSafeInteger(inode)) return [];
    const peer = /^0+:0000$/u.test(peerWord) ? undefined : formatEndpoint(peerWord);
    return [{ inode, local, peer, isListening: state === LISTENING }];
  });
}

/** `SO_ACCEPTCON` among the flags of a Unix socket, linux/include/linux/net.h. */
const ACCEPTS = 0x10000;

/** Parses /proc/PID/net/unix (net/unix/af_unix.c, `unix_seq_show`); most sockets have no path. */
// Num       RefCount Protocol Flags    Type St Inode Path
// 0000000000000000: 00000002 00000000 00010000 0001 01 27183 /run/shop.sock
export function parseUnixSockets(text: string): readonly NetSocket[] {
  return text.split('\n').flatMap((line) => {
    const match = /^[0-9a-f]+: \S+ \S+ (?<flags>[0-9A-F]{8}) \S+ \S+ +(?<inode>\d+)(?: (?<path>.*))?$/iu.exec(
      line,
    );
    if (match?.groups === undefined) return [];
    const { flags = '0', inode, path } = match.groups;
    const isListening = (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
    return [{ inode: Number(inode), local: path, peer: undefined, isListening }];
  });
}

/** `0100007F:1F90` is 127.0.0.1:8080; an address of IPv6 is four such words. */
function formatEndpoint(word: string): string | undefined {
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/u.exec(word);
  if (match === null) return undefined;
  const [, address = '', port = ''] = match;
  const bytes = [...address.matchAll(/.{8}/gu)].flatMap(([each]) => bytesOfWord(each));
  const host = bytes.length === 4 ? bytes.join('.') : formatIpv6(bytes);
  return `${host}:${Number.parseInt(port, 16)}`;
}

/** Least significant byte first, as the machine keeps it. */
function bytesOfWord(word: string): readonly number[] {
  return [...word.matchAll(/../gu)].map(([byte]) => Number.parseInt(byte, 16)).reverse();
}

const MAPPED_IPV4 = /^(?:0,){10}255,255,/u;

function formatIpv6(bytes: readonly number[]): string {
  if (MAPPED_IPV4.test(bytes.join(','))) return `[::ffff:${bytes.slice(12).join('.')}]`;
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[at * 2] ?? 0) * 256 + (bytes[at * 2 + 1] ?? 0));
  const texts = groups.map((group) => group.toString(16));
  const zeros = [...texts.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/gu)].toSorted(
    (a, b) => b[0].length - a[0].length,
  )[0];
  if (zeros === undefined) return `[${texts.join(':')}]`;
  const text = texts.join(':');
  const before = text.slice(0, zeros.index);
  const after = text.slice(zeros.index + zeros[0].length).replace(/^:/u, '');
  return `[${before}::${after}]`;
}
