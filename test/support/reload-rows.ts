import { VALUE_ROWS } from './reload-value-rows.ts';

/** An edit of a file, and what must come of reloading a function of it. */
export interface ReloadRow {
  readonly title: string;
  readonly before: string;
  readonly after: string;
  /** `f`; in classes and accessors of properties `A.x.fset`. */
  readonly path: string;
  /** The verdict, or the words of the refusal. */
  readonly verdict: string | RegExp;
  /** An expression about the module `m`. */
  readonly look?: string;
  /** What it gives afterwards; before, and when it was put back, it gives the same. */
  readonly seen?: unknown;
  readonly line?: number;
  readonly since?: string;
}

const IN_CLASS = 'class A:\n    def f(self): return 1\n';
const DECORATOR = 'def d(f):\n    def w(*a): return f(*a)\n    return w\n';
const TASK =
  'class Task:\n    def __init__(self, run): self.run = run\n    def __call__(self, x): return self.run(x)\n';
const WRAPS = `import functools\n${DECORATOR.replace('    def', '    @functools.wraps(f)\n    def')}`;

/** Edits of the code of functions. */
const CODE_ROWS: readonly ReloadRow[] = [
  {
    title: 'the body, with right lines',
    before: 'def f(x):\n    return x\n',
    after: '# new\n\ndef f(x):\n    return x + 1\n',
    path: 'f',
    verdict: 'changed',
    look: '[m.f(1), m.f.__code__.co_firstlineno]',
    seen: [2, 3],
  },
  {
    title: 'nothing but its lines',
    before: 'def f(x):\n    return 1 / x\n',
    after: '\n\ndef f(x):\n    return 1 / x\n',
    path: 'f',
    verdict: 'moved',
    look: 'line_of_error(m.f)',
    seen: 4,
  },
  {
    title: 'nothing, of a function that calls one of a module',
    before: 'import os\ndef f(x):\n    return os.path.join(x, [os.getpid() for _ in x])\n',
    after: 'import os\ndef f(x):\n    return os.path.join(x, [os.getpid() for _ in x])\ny = 1\n',
    path: 'f',
    verdict: 'unchanged',
  },
  {
    title: 'a private method',
    before: 'class A:\n    __q = 1\n    def __f(self): return self.__q\n    def g(self): return self.__f()\n',
    after:
      'class A:\n    __q = 1\n    def __f(self, __x=4): return __x - self.__q\n    def g(self): return self.__f()\n',
    path: 'A._A__f',
    verdict: 'changed',
    look: 'm.A().g()',
    seen: 3,
  },
  {
    title: 'a method of a nested class',
    before: 'class A:\n    class B:\n        def f(self, x):\n            return x\n',
    after: 'class A:\n    class B:\n        K = 3\n        def f(self, x):\n            return -x\n',
    path: 'A.B.f',
    verdict: 'changed',
    look: 'm.A.B().f(1)',
    seen: -1,
  },
  {
    title: 'super() that was not there, for who holds the method too',
    before: `${IN_CLASS}class B(A):\n    def f(self):\n        return 2\nb = B().f\n`,
    after: `${IN_CLASS}class B(A):\n    def f(self):\n        return super().f() + 10\nb = B().f\n`,
    path: 'B.f',
    verdict: 'changed',
    look: '[m.B().f(), m.b()]',
    seen: [11, 11],
  },
  {
    title: '__class__ within a function within',
    before: 'class B:\n    def f(self):\n        return 2\n',
    after:
      'class B:\n    def f(self):\n        g = lambda: (__class__.__name__, bool(super(B, self).__repr__))\n        return g()\n',
    path: 'B.f',
    verdict: 'changed',
    look: 'm.B().f()',
    seen: ['B', true],
  },
  {
    title: 'super() that is gone',
    before: `${IN_CLASS}class B(A):\n    def f(self):\n        return super().f()\n`,
    after: `${IN_CLASS}class B(A):\n    def f(self):\n        'doc'\n        return 5\n`,
    path: 'B.f',
    verdict: 'changed',
    look: '[m.B().f(), m.B.f.__doc__]',
    seen: [5, 'doc'],
  },
  {
    title: 'super() that stays',
    before: `${IN_CLASS}class B(A):\n    def f(self):\n        return super().f()\n`,
    after: `${IN_CLASS}class B(A):\n    def f(self):\n        return super().f() + 1\n`,
    path: 'B.f',
    verdict: 'changed',
    look: 'm.B().f()',
    seen: 2,
  },
  {
    title: 'a function under if',
    before: 'import os\nif os:\n    def f():\n        return 1\n',
    after: 'import os\nif os:\n    X = 1\n    def f():\n        return 2\n',
    path: 'f',
    verdict: 'changed',
    look: 'm.f()',
    seen: 2,
  },
  {
    title: 'a function under try',
    before: 'try:\n    def f(): return 1\nexcept ImportError:\n    pass\n',
    after: 'try:\n    def f(): return 2\nexcept ImportError:\n    pass\n',
    path: 'f',
    verdict: 'changed',
    look: 'm.f()',
    seen: 2,
  },
  {
    title: 'one of two branches, which is more like it',
    before:
      "import os\nif os:\n    def f(x):\n        return os.path.join(x, 'a')\nelse:\n    def f(x):\n        raise ValueError(x)\n",
    after:
      "import os\nif os:\n    def f(x):\n        return os.path.join(x, 'b')\nelse:\n    def f(x):\n        raise ValueError(x)\n",
    path: 'f',
    verdict: 'changed',
    look: "m.f('q')",
    seen: 'q/b',
  },
  {
    title: 'one of two branches that are alike',
    before: 'import os\nif os:\n    def f(): return 1\nelse:\n    def f(): return 0\n',
    after: 'import os\nif os:\n    def f(): return 5\nelse:\n    def f(): return 6\n',
    path: 'f',
    verdict: /its file defines it 2 times, in lines 3 and 5/u,
    look: 'm.f()',
  },
  {
    title: 'one of two branches that are alike, by its line',
    before: 'import os\nif os:\n    def f(): return 1\nelse:\n    def f(): return 0\n',
    after: 'import os\nif os:\n    def f(): return 5\nelse:\n    def f(): return 6\n',
    path: 'f',
    line: 3,
    verdict: 'changed',
    look: 'm.f()',
    seen: 5,
  },
  {
    title: 'the last of several definitions, as Python takes it',
    before: 'def f(): return 1\ndef f(): return 2\n',
    after: 'def f(): return 3\ndef f(): return 4\n',
    path: 'f',
    verdict: 'changed',
    look: 'm.f()',
    seen: 4,
  },
  {
    title: 'a function behind its overloads',
    before: `import typing\n@typing.overload\ndef f(x: int): ...\n@typing.overload\ndef f(x: str): ...\ndef f(x):\n    return x\n`,
    after: `import typing\n@typing.overload\ndef f(x: int): ...\n@typing.overload\ndef f(x: str): ...\ndef f(x):\n    return -x\n`,
    path: 'f',
    verdict: 'changed',
    look: 'm.f(1)',
    seen: -1,
  },
  {
    title: 'the getter of a property',
    before:
      'class A:\n    @property\n    def x(self): return 1\n    @x.setter\n    def x(self, v): self.y = v\n',
    after:
      'class A:\n    @property\n    def x(self): return 2\n    @x.setter\n    def x(self, v): self.y = v\n',
    path: 'A.x',
    verdict: 'changed',
    look: 'm.A().x',
    seen: 2,
  },
  {
    title: 'the setter of a property',
    before:
      'class A:\n    @property\n    def x(self): return 1\n    @x.setter\n    def x(self, v): self.y = v\n',
    after:
      'class A:\n    @property\n    def x(self): return 1\n    @x.setter\n    def x(self, v): self.y = -v\n',
    path: 'A.x.fset',
    verdict: 'changed',
    look: '(lambda a: [setattr(a, "x", 3), a.y][1])(m.A())',
    seen: -3,
  },
  {
    title: 'the body of a function behind a decorator, another decorator not',
    before: `${WRAPS}@d\ndef f(x):\n    return x\n`,
    after: `${WRAPS}@d\n@d\ndef f(x):\n    return -x\n`,
    path: 'f',
    verdict: 'changed',
    look: 'm.f(1)',
    seen: -1,
  },
  {
    title: 'the body of a function behind decorators that say nothing of it',
    before: `${DECORATOR}@d\n@d\ndef f(x):\n    return x\n`,
    after: `${DECORATOR}@d\n@d\ndef f(x):\n    return -x\n`,
    path: 'f',
    verdict: 'changed',
    look: 'm.f(1)',
    seen: -1,
  },
  {
    title: 'a decorator, with the functions that it has made',
    before: `${DECORATOR}@d\ndef f(x):\n    return x\n`,
    after: `${DECORATOR.replace('return f(*a)', 'return [f(*a)]')}@d\ndef f(x):\n    return x\n`,
    path: 'd',
    verdict: 'changed',
    look: '[m.f(1), m.d(len)("a")]',
    seen: [[1], [1]],
  },
  {
    title: 'the body of a function within an object that a decorator has made of it',
    before: `${TASK}@Task\ndef f(x):\n    return x\n`,
    after: `${TASK}@Task\ndef f(x):\n    return -x\n`,
    path: 'f',
    verdict: 'changed',
    look: 'm.f(1)',
    seen: -1,
  },
  {
    title: 'a static method',
    before: 'class A:\n    @staticmethod\n    def f(x): return x\n',
    after: 'class A:\n    @staticmethod\n    def f(x): return -x\n',
    path: 'A.f',
    verdict: 'changed',
    look: 'm.A.f(1)',
    seen: -1,
  },
  {
    title: 'a static method that is none any more',
    before: 'class A:\n    @staticmethod\n    def f(x): return x\n',
    after: 'class A:\n    def f(self, x): return -x\n',
    path: 'A.f',
    verdict: /no staticmethod in its file now, and decorators are not applied again/u,
    look: 'm.A.f(1)',
  },
  {
    title: 'a method that is a property by a statement below it',
    before: `${IN_CLASS}    f = property(f)\n`,
    after: `${IN_CLASS.replace('1', '2')}    f = property(f)\n`,
    path: 'A.f',
    verdict: 'changed',
    look: 'm.A().f',
    seen: 2,
  },
  {
    title: 'a method that is a property now',
    before: IN_CLASS,
    after: IN_CLASS.replace('    def', '    @property\n    def'),
    path: 'A.f',
    verdict: /a property in its file now/u,
    look: 'm.A().f()',
  },
  {
    title: 'a function that its file has not any more',
    before: 'def f(): pass\n',
    after: 'def g(): pass\n',
    path: 'f',
    verdict: /has no f$/u,
  },
  {
    title: 'a file with an error in it',
    before: 'def f(): return 1\n',
    after: 'def g(): pass\n\ndef f(:\n  pass\n',
    path: 'f',
    verdict: /line 3 of \/.*\.py has a syntax error/u,
    look: 'm.f()',
  },
  {
    title: 'a file with an error that only the compiler finds',
    before: 'def f(): return 1\n',
    after: 'def f(): return 2\nreturn 1\n',
    path: 'f',
    verdict: /line 2 of \/.*\.py has a syntax error: .*return/u,
    look: 'm.f()',
  },
  {
    title: 'a generator',
    before: 'def f():\n    yield 1\n',
    after: 'def f():\n    yield 2\n    yield 3\n',
    path: 'f',
    verdict: 'changed',
    look: 'list(m.f())',
    seen: [2, 3],
  },
  {
    title: 'a function that is a generator now',
    before: 'def f():\n    return [1]\n',
    after: 'def f():\n    yield 2\n',
    path: 'f',
    verdict: 'changed',
    look: 'list(m.f())',
    seen: [2],
  },
  {
    title: 'a coroutine',
    before: 'async def f():\n    return 1\n',
    after: 'async def f():\n    return 2\n',
    path: 'f',
    verdict: 'changed',
    look: 'ended(m.f())',
    seen: 2,
  },
  {
    title: 'a generator that is a coroutine by types.coroutine',
    before: 'import types\n@types.coroutine\ndef f():\n    yield\n    return 1\n',
    after: 'import types\n@types.coroutine\ndef f():\n    yield 1\n    return 2\n',
    path: 'f',
    verdict: 'changed',
    look: '[bool(m.f.__code__.co_flags & 0x100), list(m.f())]',
    seen: [true, [1]],
  },
  {
    title: 'what the compiler warns of, which is not heard',
    before: 'def f():\n    return 1\n',
    after: "def f():\n    return '\\d' is 3\n",
    path: 'f',
    verdict: 'changed',
    look: 'm.f()',
    seen: false,
  },
  {
    title: 'a method of a generic class',
    before: 'class A[T]:\n    def f(self, x: T) -> list[T]:\n        return x\n',
    after: 'class A[T]:\n    def f(self, x: T) -> list[T]:\n        return -x\n',
    path: 'A.f',
    verdict: 'changed',
    look: '[m.A().f(1), str(m.A.f.__annotations__["return"])]',
    seen: [-1, 'list[T]'],
    since: '3.12',
  },
  {
    title: 'a generic function that uses its parameter, which it was not made with',
    before: 'def f[T](x: T) -> T:\n    return x\n',
    after: 'def f[T](x: T) -> T:\n    return T, x\n',
    path: 'f',
    verdict: /uses T of the code around it, which the function in the process was not made with/u,
    look: 'm.f(1)',
    since: '3.12',
  },
];

/** What the tests of reload go through on each CPython. */
export const RELOAD_ROWS: readonly ReloadRow[] = [...CODE_ROWS, ...VALUE_ROWS];
