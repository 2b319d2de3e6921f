import { randomBytes } from 'node:crypto';
import { formatPythonVersion } from '../model/python-version.ts';
import { functionOf } from '../profile/by-function.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import { FrameTable } from '../profile/frame-table.ts';
import type { Profile, ProfileFrame } from '../profile/profile.ts';
import { frameIndices } from '../profile/stack-tree.ts';
import { WeightedTree } from '../profile/weighted-tree.ts';
import { type ProfileSeries, seriesName } from './profile-series.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/**
 * Field numbers of opentelemetry/proto/{profiles,collector/profiles}/v1development of
 * github.com/open-telemetry/opentelemetry-proto, 1.10 and later; versions before had others.
 */
const REQUEST = { resourceProfiles: 1, dictionary: 2 } as const;
const RESOURCE_PROFILES = { resource: 1, scopeProfiles: 2 } as const;
const RESOURCE = { attributes: 1 } as const;
const SCOPE_PROFILES = { scope: 1, profiles: 2 } as const;
const SCOPE = { name: 1, version: 2 } as const;
const PROFILE = {
  sampleType: 1,
  samples: 2,
  timeUnixNano: 3,
  durationNano: 4,
  periodType: 5,
  period: 6,
  profileId: 7,
} as const;
const VALUE_TYPE = { type: 1, unit: 2 } as const;
const SAMPLE = { stackIndex: 1, values: 4 } as const;
const DICTIONARY = {
  mappings: 1,
  locations: 2,
  functions: 3,
  links: 4,
  texts: 5,
  attributes: 6,
  stacks: 7,
} as const;
const MAPPING = { filename: 4 } as const;
const LOCATION = { mappingIndex: 1, lines: 3, attributeIndices: 4 } as const;
const LINE = { functionIndex: 1, line: 2 } as const;
const FUNCTION = { name: 1, systemName: 2, filename: 3, startLine: 4 } as const;
const STACK = { locationIndices: 1 } as const;
const ATTRIBUTE = { key: 1, value: 2 } as const;
const ANY_VALUE = { text: 1, number: 3 } as const;

/** The first of each table stands for nothing, so that what is ours begins at 1. */
const FIRST = 1;

/** What `profile.frame.type` is for the frames that have one. */
const FRAME_TYPES: readonly (readonly [ProfileFrame['kind'], string])[] = [
  ['python', 'cpython'],
  ['native', 'native'],
];

/** The message `ExportProfilesServiceRequest` with one profile. Threads are no attributes: each would be a series of its own. */
export function otlpProfiles(profile: Profile, series: ProfileSeries): Uint8Array {
  return new OtlpRequest(profile).bytes(series);
}

/** The message while it is put together: texts are numbered while the rest is written. */
class OtlpRequest {
  readonly #profile: Profile;
  readonly #labels: FrameLabels;
  readonly #tree: WeightedTree;
  /** The stacks in the order of the samples. */
  readonly #stacks: readonly number[];
  readonly #texts = new Map([['', 0]]);

  constructor(profile: Profile) {
    this.#profile = profile;
    this.#labels = new FrameLabels(profile);
    this.#tree = new WeightedTree(profile);
    this.#stacks = [...this.#tree.seen()];
  }

  bytes(series: ProfileSeries): Uint8Array {
    const [name = '', version = ''] = series.producer.split(' ');
    const request = new ProtobufWriter().message(REQUEST.resourceProfiles, (resource) => {
      this.#resource(resource, series);
      resource.message(RESOURCE_PROFILES.scopeProfiles, (scope) => {
        scope.message(SCOPE_PROFILES.scope, (message) => {
          message.text(SCOPE.name, name).text(SCOPE.version, version);
        });
        scope.message(SCOPE_PROFILES.profiles, (message) => this.#samplesAndTimes(message));
      });
    });
    return request.message(REQUEST.dictionary, (dictionary) => this.#dictionary(dictionary)).bytes;
  }

  #text(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size);
    return this.#texts.size - 1;
  }

  #resource(message: ProtobufWriter, { service, host, labels }: ProfileSeries): void {
    const [process] = this.#profile.processes;
    const attributes = new Map<string, string | number>([
      ['service.name', service],
      ['host.name', host],
      ['process.runtime.name', 'cpython'],
    ]);
    if (process !== undefined) {
      attributes.set('process.pid', process.pid);
      attributes.set('process.runtime.version', formatPythonVersion(process.python));
    }
    message.message(RESOURCE_PROFILES.resource, (resource) => {
      for (const [key, value] of new Map([...attributes, ...labels]))
        resource.message(RESOURCE.attributes, (attribute) => {
          attribute.text(ATTRIBUTE.key, key);
          this.#value(attribute, value);
        });
    });
  }

  #value(attribute: ProtobufWriter, value: string | number): void {
    attribute.message(ATTRIBUTE.value, (any) => {
      if (typeof value === 'string') any.text(ANY_VALUE.text, value);
      else any.number(ANY_VALUE.number, value);
    });
  }

  /**
   * CPU time as looks with a period, which receivers know as that of a process; any other mode as time under its own name.
   */
  #samplesAndTimes(message: ProtobufWriter): void {
    const { account } = this.#profile;
    const isCpu = account.mode === 'cpu';
    const type = isCpu ? 'cpu' : seriesName(account.mode);
    this.#valueType(message, PROFILE.sampleType, isCpu ? ['samples', 'count'] : [type, 'nanoseconds']);
    for (const [index, stack] of this.#stacks.entries()) {
      const { looks, ns } = this.#tree.own(stack);
      message.message(PROFILE.samples, (sample) => {
        sample
          .number(SAMPLE.stackIndex, FIRST + index)
          .numbers(SAMPLE.values, [isCpu ? looks : Math.round(ns)]);
      });
    }
    message
      .fixed64(PROFILE.timeUnixNano, BigInt(Math.round(account.startedAt)) * 1_000_000n)
      .number(PROFILE.durationNano, Math.round(account.durationNs));
    this.#valueType(message, PROFILE.periodType, [type, 'nanoseconds']);
    message
      .number(PROFILE.period, Math.round(1e9 / account.rateHz))
      .bytesOf(PROFILE.profileId, randomBytes(16));
  }

  #valueType(message: ProtobufWriter, field: number, [type, unit]: readonly [string, string]): void {
    message.message(field, (value) => {
      value.number(VALUE_TYPE.type, this.#text(type)).number(VALUE_TYPE.unit, this.#text(unit));
    });
  }

  #dictionary(message: ProtobufWriter): void {
    const nothing = (): void => undefined;
    for (const table of [DICTIONARY.mappings, DICTIONARY.locations, DICTIONARY.functions])
      message.message(table, nothing);
    for (const table of [DICTIONARY.links, DICTIONARY.attributes, DICTIONARY.stacks])
      message.message(table, nothing);
    const command = this.#profile.processes[0]?.commandLine[0] ?? '';
    message.message(DICTIONARY.mappings, (mapping) => {
      mapping.number(MAPPING.filename, this.#text(command));
    });
    this.#locations(message);
    for (const stack of this.#stacks) this.#stack(message, stack);
    for (const [, type] of FRAME_TYPES)
      message.message(DICTIONARY.attributes, (attribute) => {
        attribute.number(ATTRIBUTE.key, this.#text('profile.frame.type'));
        this.#value(attribute, type);
      });
    for (const text of this.#texts.keys()) message.text(DICTIONARY.texts, text);
  }

  /** The innermost call comes first. */
  #stack(message: ProtobufWriter, stack: number): void {
    const locations = frameIndices(this.#profile.stacks, stack).map((frame) => FIRST + frame);
    message.message(DICTIONARY.stacks, (entry) => {
      entry.numbers(STACK.locationIndices, locations.reverse());
    });
  }

  /** A location for each frame, and the functions that they are lines of. */
  #locations(message: ProtobufWriter): void {
    const functions = new FrameTable();
    for (const frame of this.#profile.frames) {
      const functionIndex = FIRST + functions.indexOf(functionOf(frame));
      const type = FRAME_TYPES.findIndex(([kind]) => kind === frame.kind);
      message.message(DICTIONARY.locations, (location) => {
        location.number(LOCATION.mappingIndex, FIRST);
        location.message(LOCATION.lines, (line) => {
          line.number(LINE.functionIndex, functionIndex).number(LINE.line, frame.line || frame.firstLine);
        });
        if (type >= 0) location.numbers(LOCATION.attributeIndices, [FIRST + type]);
      });
    }
    for (const frame of functions.frames) this.#function(message, frame);
  }

  #function(message: ProtobufWriter, frame: ProfileFrame): void {
    const name = this.#text(this.#labels.name(frame));
    message.message(DICTIONARY.functions, (entry) => {
      entry
        .number(FUNCTION.name, name)
        .number(FUNCTION.systemName, name)
        .number(FUNCTION.filename, this.#text(this.#labels.path(frame)))
        .number(FUNCTION.startLine, frame.firstLine);
    });
  }
}
