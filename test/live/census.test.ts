import { expect, test } from 'vitest';
import { attach, type HeapSummary, type TypeUsage } from '../../src/api/index.ts';
import { removeAgentFiles } from '../support/agent-scene.ts';
import { runPyflight } from '../support/command-line.ts';
import { heapFacts } from '../support/heap-truth.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { violations } from '../support/schemas.ts';
import { startTarget } from '../support/target.ts';

/** From outside more of these is seen: parts of code, of classes and of modules that the interpreter shows nobody. */
const HIDDEN_PARTS = /^(str|bytes|tuple|type|moduledef)$/u;
/** The agent is there now, and what it has made meanwhile. */
const MOST_OF_AGENT = 5;

/** Types of which the two do not say nearly the same. */
function differences(inside: HeapSummary, outside: HeapSummary): readonly string[] {
  const others = new Map(outside.types.map((usage) => [usage.typeName, usage]));
  return inside.types.flatMap(({ typeName, count, sizeBytes }) => {
    const other = others.get(typeName) ?? { count: 0, sizeBytes: 0, isStructOnly: false };
    const isNear = Math.abs(count - other.count) <= MOST_OF_AGENT + count / 100;
    const isLike = other.isStructOnly || Math.abs(sizeBytes - other.sizeBytes) <= 5000 + sizeBytes / 100;
    const isBelow = HIDDEN_PARTS.test(typeName) && count <= other.count + MOST_OF_AGENT;
    return (isNear && isLike) || isBelow ? [] : [`${typeName}: ${count}, outside ${other.count}`];
  });
}

/** How many instances of each class of the program there are. */
function ownCountsOf({ types }: HeapSummary): Readonly<Record<string, number>> {
  const own = types.filter(({ typeName }) => typeName.startsWith('__main__.'));
  return Object.fromEntries(own.map(({ typeName, count }) => [typeName.slice('__main__.'.length), count]));
}

function usageOf(name: string, { types }: HeapSummary): TypeUsage | undefined {
  return types.find(({ typeName }) => typeName === name);
}

/** The first one whose collector can be told to leave objects alone, and one of each way in which it keeps them. */
const FREEZING = ['3.7', '3.11', '3.13', '3.14'];

describeInterpreters('3.6', (interpreter) => {
  test.skipIf(interpreter.isFreeThreaded)(
    'the interpreter counts its objects as we do from outside, and measures them',
    async () => {
      await using target = await startTarget(interpreter, 'heap.py');
      const { counts, objects } = heapFacts(target.groundTruth);
      using inspection = await attach(target.pid, { native: false });
      const inside = await inspection.heapSummaryInside();
      expect(ownCountsOf(inside)).toEqual(counts);
      expect(inside.objectCount).toBeGreaterThanOrEqual(objects.length);
      expect(inside).toMatchObject({ pid: target.pid, pauseNs: undefined, problems: [] });
      const outside = inspection.heapSummary();
      expect(differences(inside, outside)).toEqual([]);
      // A collection in between lets go of tuples and dicts that hold nothing to be tracked for.
      expect(Math.abs(inside.trackedCount / outside.trackedCount - 1)).toBeLessThan(0.05);
      // One is enough of what is the same for all.
      if (interpreter.family === '3.12') {
        const { out } = await runPyflight(['mem', `${target.pid}`, 'summary', '--agent', '--json']);
        expect(violations('heap-summary', JSON.parse(out))).toEqual([]);
        expect(JSON.parse(out)).toMatchObject({ level: 'L2', pid: target.pid });
      }
      using agent = await inspection.agent();
      // Its metaclass raises when it is asked for a hash, or whether its class is another.
      const { value } = await agent.evaluate({ module: '__main__', expression: '[odd]' });
      expect(value).toMatchObject({ view: { items: [{ kind: 'instance', typeName: '__main__.Odd' }] } });
      // The class of what `lru_cache` keeps was never made ready until 3.9: it has no bases, and no `__sizeof__`.
      await agent.evaluate({ module: '__main__', expression: 'cached(1)' });
      const entries = usageOf('functools._lru_list_elem', await inspection.heapSummaryInside());
      expect(entries).toEqual(usageOf('functools._lru_list_elem', inspection.heapSummary()));
      expect(entries?.count).toBeGreaterThan(0);
      // What is frozen is in no list that the collector shows.
      if (FREEZING.includes(interpreter.family)) {
        await agent.evaluate({ module: '__main__', expression: '__import__("gc").freeze()' });
        expect(ownCountsOf(await inspection.heapSummaryInside())).toEqual(counts);
      }
      expect((await agent.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
      removeAgentFiles(target.pid, interpreter.root);
    },
  );
});
