/** Files of the agent's directory: the program, its bootstrap, its socket, what it says when it cannot start, and what torch writes. */
export const AGENT_FILES = { program: 'p', bootstrap: 'b', socket: 's', failure: 'e', torch: 't' } as const;

/**
 * The few lines that a thread of the target runs, at most 640 bytes of ASCII. They bind no name, since they run among those
 * of `__main__`, print nothing and raise nothing: they start the agent's thread, which does all the rest. A child that is
 * forked off before they run has them too, and must not: `pid` is the target's, as it knows itself. An exception that
 * a signal handler raises within is not lost if it is Ctrl-C. gevent and eventlet replace `start_new_thread` by a function
 * of Python; it must be the interpreter's own, or the agent would run between the program's own greenlets.
 */
export function bootstrapText(directory: string, pid: number): string {
  const start =
    '[f for f in(getattr(t,"start_new",0),t.start_new_thread)if type(f)is type(e)]or' +
    '[i("eventlet.patcher").patcher.original("_thread").start_new_thread]';
  return (
    `try:(lambda i,e,t:${pid}==i("posix").getpid()and(${start})[0](e,(${JSON.stringify(threadText(directory))},{})))` +
    '(__import__,__import__("builtins").exec,__import__("_thread"))\n' +
    'except KeyboardInterrupt:__import__("_thread").interrupt_main()\n' +
    'except:pass\n'
  );
}

/** What the agent's thread begins with. When its program has gone, whoever wanted it has given up, or was killed. */
function threadText(directory: string): string {
  const { program, failure } = AGENT_FILES;
  return `d='${directory}/'
try:f=open(d+'${program}','rb')
except:raise SystemExit
try:
 with f:s=f.read()
 for p in s.split(b'\\f'):exec(compile(p,'<pyflight agent>','exec'))
except BaseException as e:
 try:open(d+'${failure}','x').write(repr(e))
 except:0
`;
}
