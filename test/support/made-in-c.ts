/** What has no code, and what is said of it. */
export const MADE_IN_C: readonly (readonly [words: readonly string[], what: string])[] = [
  [['posix', 'getpid'], 'posix.getpid is a function made in C: its calls pass no code that could be hooked'],
  [['builtins', 'dict.get'], 'builtins.dict.get is a method made in C:'],
  [['builtins', 'dict.fromkeys'], 'builtins.dict.fromkeys is a class method made in C:'],
  [['builtins', 'list.__add__'], 'builtins.list.__add__ is a special method made in C:'],
  [['builtins', 'dict'], 'builtins.dict is a class without __init__ and __new__ in Python:'],
  [['called', 'rooted'], 'called.rooted is pow, a function made in C:'],
  [['called', 'taken'], 'called.taken is an object of operator.itemgetter, which is called in C:'],
];
