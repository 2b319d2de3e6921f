import type { WatchWish } from '../../src/api/index.ts';

/** A function, a call of it, what that answers, and what {@link SEEN_EXPRESSION} shows of it. */
type SeenCall = readonly [
  words: readonly string[],
  call: string,
  answer: unknown,
  seen: readonly string[],
  more?: Partial<WatchWish>,
];

export const SEEN_CALLS: readonly SeenCall[] = [
  [
    ['called', 'plain'],
    'called.plain(1, 2, 3, c=4, d=5)',
    [1, 2, [3], 4, { d: 5 }],
    ["((1, 2, 3), {'c': 4, 'd': 5}, None, [1, 2, [3], 4, {'d': 5}])"],
  ],
  [
    ['called:awkward'],
    "called.awkward('t', cost='c', kwargs='k')",
    ['t', 1, 'c', 3, 'k'],
    ["(('t', 1), {'cost': 'c', 'args': 3, 'kwargs': 'k'}, None, ['t', 1, 'c', 3, 'k'])"],
  ],
  [['called.no_arguments'], 'called.no_arguments()', true, ['((), {}, None, True)']],
  [['called', 'changing'], 'called.changing([1])', [1, 'rebound'], ["(([1],), {}, None, [1, 'rebound'])"]],
  [['called', 'twice'], 'called.twice(4)', 8, ['((4,), {}, None, 8)']],
  [['called', 'decorated'], 'called.decorated(4) + called.other_decorated(0)', 14, ['((4,), {}, None, 10)']],
  [
    ['called', 'decorated'],
    'called.decorated(4) + called.other_decorated(0)',
    14,
    ['((4,), {}, None, 5)'],
    { wrapped: true },
  ],
  [['called', 'add_ten'], 'called.add_one(4) + called.add_ten(5)', 20, ['((5,), {}, None, 15)']],
  [['called', 'cached'], 'called.cached(4) + called.cached(4)', 10, ['((4,), {}, None, 5)']],
  [['called', 'part'], 'called.part(2)', [1, 2, [], 4, {}], ["((1, 2), {'c': 4}, None, [1, 2, [], 4, {}])"]],
  [
    ['called', 'registered'],
    'called.registered(4) + called.registered.__wrapped__(5)',
    11,
    ['((4,), {}, None, 5)', '((5,), {}, None, 6)'],
  ],
  [['called', 'registered', '__call__'], 'called.registered(4)', 5, ["((4,), {}, 'registered', 5)"]],
  [['called', 'charge'], 'called.charge.run(4)', 5, ['((4,), {}, None, 5)']],
  [['called', 'promise'], 'called.charge.run(4)', 5, ['((4,), {}, None, 5)']],
  [['called', 'retry'], 'called.retry.run(4)', ['<lambda>', 4], ["((4,), {}, None, ['<lambda>', 4])"]],
  [
    ['called', 'outer'],
    'called.outer(4) + called.outer(5)',
    13,
    ['((1,), {}, None, 6)', '((1,), {}, None, 7)'],
    { nested: ['inner'] },
  ],
  [['called:outer.<locals>.inner.<locals>.innermost'], 'called.outer(4)', 6, ['((1,), {}, None, 6)']],
  [
    ['called', 'Base', 'method'],
    'called.base.method(1) + called.derived.method(2)',
    ['base', 1, 'derived', 2],
    ["((1,), {}, 'base', ['base', 1])", "((2,), {}, 'derived', ['derived', 2])"],
  ],
  [
    ['called', 'Derived', 'method'],
    'called.base.method(1) + called.derived.method(2)',
    ['base', 1, 'derived', 2],
    ["((2,), {}, 'derived', ['derived', 2])"],
  ],
  [
    ['called', 'Derived', 'method'],
    'called.base.method(1)',
    ['base', 1],
    ["((1,), {}, 'base', ['base', 1])"],
    { anyClass: true },
  ],
  [
    ['called', 'Derived', 'greet'],
    'called.derived.greet()',
    'hello derived!',
    ["((), {}, 'derived', 'hello derived!')"],
  ],
  [['called', 'Base', 'static'], 'called.Base.static()', [], ['((), {}, None, [])']],
  [['called', 'Base', 'static'], 'called.base.static(1)', [1], ['((1,), {}, None, [1])']],
  [
    ['called', 'Base', 'of_class'],
    'called.Base.of_class(1) + called.derived.of_class(2)',
    ['Base', 1, 'Derived', 2],
    ["((1,), {}, 'Base', ['Base', 1])", "((2,), {}, 'Derived', ['Derived', 2])"],
  ],
  [
    ['called', 'Derived', 'of_class'],
    'called.Base.of_class(1) + called.derived.of_class(2)',
    ['Base', 1, 'Derived', 2],
    ["((2,), {}, 'Derived', ['Derived', 2])"],
  ],
  [['called', 'Base', 'title'], 'called.base.title', 'Base', ["((), {}, 'base', 'Base')"]],
  [
    ['called:Base.title.fset'],
    "[setattr(called.Base('x'), 'title', 'y')]",
    [null],
    ["(('y',), {}, 'y', None)"],
  ],
  [['called', 'Base', 'cached_method'], 'called.Base("q").cached_method()', 'q', ["((), {}, 'q', 'q')"]],
  [
    ['called', 'base'],
    'called.base(1) + called.derived(2)',
    ['base', 1, 'derived', 2],
    ["((1,), {}, 'base', ['base', 1])"],
  ],
  [['called', 'Base'], "called.Base('new').name", 'new', ["(('new',), {}, 'new', None)"]],
  [['called', 'Base.Inner', 'method'], 'called.Base.Inner().method(3)', 3, ['((3,), {}, None, 3)']],
  [
    ['called', 'fib'],
    'called.fib(3)',
    2,
    [
      '((1,), {}, None, 1)',
      '((0,), {}, None, 0)',
      '((2,), {}, None, 1)',
      '((1,), {}, None, 1)',
      '((3,), {}, None, 2)',
    ],
  ],
  [
    ['called', 'numbers'],
    'list(called.numbers(2))',
    [0, 1],
    ['((2,), {}, None, 0)', '((2,), {}, None, 1)', '((2,), {}, None, [None, None])'],
    { yields: true },
  ],
  [
    ['called', 'coroutine'],
    "called.run(called.coroutine('x'))",
    'done x',
    ["(('x', 0), {}, None, 'done x')"],
  ],
  [
    ['called', 'async_numbers'],
    'called.run(called.collected(2))',
    [0, 1],
    ['((2,), {}, None, 0)', '((2,), {}, None, 1)', '((2,), {}, None, None)'],
    { yields: true },
  ],
];

export const SEEN_EXPRESSION =
  'args, kwargs, getattr(target, "name", getattr(target, "__name__", None)), return_obj';
