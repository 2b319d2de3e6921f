/** Makes C++ libraries with full debugging information, as a large program has them: some hundred, each of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../test/support/interpreters.ts';

/** Of them a stack goes through every tenth. */
const ENTERED = 10;

/** What all libraries contain: templates of the standard library make most of the debugging information of C++. */
const COMMON = `
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <unordered_map>
#include <vector>
namespace work {
std::map<std::string, std::vector<double>> table;
std::unordered_map<std::string, std::shared_ptr<std::string>> names;
bool match(const std::string &text) { return std::regex_search(text, std::regex("a+b")); }
double sum(const std::string &key) {
  auto &values = table[key];
  std::sort(values.begin(), values.end(), std::greater<double>());
  double total = 0;
  for (double value : values) total += value;
  return names.count(key) ? total : -total;
}
}
`;

const SOURCE = `
#include <functional>
#include <vector>
namespace library_NUMBER {
template <typename F> static int apply(const std::vector<F> &functions) {
  int total = 0;
  for (const auto &function : functions) total += function();
  return total;
}
}
extern "C" int enter_NUMBER(int (*function)(void)) {
  std::vector<std::function<int()>> functions{function};
  return library_NUMBER::apply(functions) + 1;
}
`;

/** Loads the libraries of a directory and goes through every tenth before it says that it is there. */
const PROGRAM = `
import ctypes, sys
directory, count, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
libraries = [ctypes.CDLL("%s/libwork%d.so" % (directory, number)) for number in range(count)]
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int)
kept = []
def go(number):
    if number >= count:
        print('{"pid": 0}'); sys.stdout.flush(); sys.stdin.read(); return 0
    kept.append(CALLBACK(lambda: go(number + step)))
    return getattr(libraries[number], "enter_%d" % number)(kept[-1])
sys.setrecursionlimit(10000)
go(0)
`;

/** Makes as many libraries, once, and says what to run to have them mapped. */
export function manyLibraries(count: number): readonly string[] {
  const directory = join(cacheDirectory(), `bench-libraries-${count}`);
  if (!existsSync(directory)) makeLibraries(directory, count);
  return [join(directory, 'program.py'), directory, `${count}`, `${ENTERED}`];
}

function makeLibraries(directory: string, count: number): void {
  const fresh = `${directory}.making`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const compile = (name: string, source: string, inputs: readonly string[], ...words: readonly string[]) => {
    writeFileSync(join(fresh, `${name}.cc`), source);
    execFileSync('g++', ['-g', '-O1', '-fPIC', ...words, `${name}.cc`, ...inputs], { cwd: fresh });
  };
  compile('common', COMMON, [], '-c', '-o', 'common.o');
  for (let number = 0; number < count; number += 1) {
    const source = SOURCE.replaceAll('NUMBER', `${number}`);
    compile('work', source, ['common.o'], '-shared', '-o', `libwork${number}.so`);
  }
  writeFileSync(join(fresh, 'program.py'), PROGRAM);
  renameSync(fresh, directory);
}
