import { gunzipSync } from 'node:zlib';
import { Profile as PprofProfile } from 'pprof-format';
import { parse } from 'protobufjs';

/**
 * What Pyroscope and receivers of OTLP take, with the field numbers of api/push/v1/push.proto and api/types/v1/types.proto
 * (grafana/pyroscope) and of opentelemetry-proto 1.10: messages that are read here were not written by what reads them.
 */
const SCHEMA = `
syntax = "proto3";

message LabelPair { string name = 1; string value = 2; }
message RawSample { bytes raw_profile = 1; string ID = 2; }
message RawProfileSeries { repeated LabelPair labels = 1; repeated RawSample samples = 2; }
message PushRequest { repeated RawProfileSeries series = 1; }

message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message KeyValueAndUnit { int32 key_strindex = 1; AnyValue value = 2; int32 unit_strindex = 3; }
message InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Resource { repeated KeyValue attributes = 1; }
message ValueType { int32 type_strindex = 1; int32 unit_strindex = 2; }
message Link { bytes trace_id = 1; bytes span_id = 2; }
message Mapping {
  uint64 memory_start = 1; uint64 memory_limit = 2; uint64 file_offset = 3; int32 filename_strindex = 4;
  repeated int32 attribute_indices = 5;
}
message Line { int32 function_index = 1; int64 line = 2; int64 column = 3; }
message Location { int32 mapping_index = 1; uint64 address = 2; repeated Line lines = 3; repeated int32 attribute_indices = 4; }
message Function { int32 name_strindex = 1; int32 system_name_strindex = 2; int32 filename_strindex = 3; int64 start_line = 4; }
message Stack { repeated int32 location_indices = 1; }
message Sample {
  int32 stack_index = 1; repeated int32 attribute_indices = 2; int32 link_index = 3; repeated int64 values = 4;
  repeated fixed64 timestamps_unix_nano = 5;
}
message Profile {
  ValueType sample_type = 1; repeated Sample samples = 2; fixed64 time_unix_nano = 3; uint64 duration_nano = 4;
  ValueType period_type = 5; int64 period = 6; bytes profile_id = 7;
}
message ScopeProfiles { InstrumentationScope scope = 1; repeated Profile profiles = 2; string schema_url = 3; }
message ResourceProfiles { Resource resource = 1; repeated ScopeProfiles scope_profiles = 2; string schema_url = 3; }
message ProfilesDictionary {
  repeated Mapping mapping_table = 1; repeated Location location_table = 2; repeated Function function_table = 3;
  repeated Link link_table = 4; repeated string string_table = 5; repeated KeyValueAndUnit attribute_table = 6;
  repeated Stack stack_table = 7;
}
message ExportProfilesServiceRequest { repeated ResourceProfiles resource_profiles = 1; ProfilesDictionary dictionary = 2; }
`;

const { root } = parse(SCHEMA);

/** A profile as a server finds it in a message. */
export interface SentProfile {
  /** Of the series, or the resource. */
  readonly labels: Readonly<Record<string, string | number>>;
  /** `samples/count`. */
  readonly types: readonly string[];
  readonly period: string;
  readonly startedAtMs: number;
  readonly durationNs: number;
  /** Values by stack, `main;work`, the outermost call first. */
  readonly stacks: ReadonlyMap<string, readonly number[]>;
  /** `work app.py:12`, of all functions and lines. */
  readonly places: readonly string[];
}

/** Reads a `PushRequest` of Pyroscope, whose profile pprof-format reads. */
export function readPyroscopePush(bytes: Uint8Array): SentProfile {
  const { series } = plain('PushRequest', bytes);
  const [{ labels, samples }] = series;
  const profile = PprofProfile.decode(gunzipSync(samples[0].rawProfile));
  const text = (index: number | bigint | undefined): string =>
    profile.stringTable.strings[Number(index)] ?? '?';
  const typeOf = ({ type, unit }: { type: number | bigint; unit: number | bigint }) =>
    `${text(type)}/${text(unit)}`;
  const functionOf = (location: number | bigint) => {
    const line = profile.location.find(({ id }) => id === location)?.line[0];
    return profile.function.find(({ id }) => id === line?.functionId);
  };
  return {
    labels: Object.fromEntries(labels.map(({ name, value }: Record<string, string>) => [name, value])),
    types: profile.sampleType.map(typeOf),
    period: `${profile.period} ${typeOf(profile.periodType ?? { type: 0, unit: 0 })}`,
    startedAtMs: Number(BigInt(profile.timeNanos) / 1_000_000n),
    durationNs: Number(profile.durationNanos),
    stacks: summed(
      profile.sample.map(({ locationId, value }) => [
        locationId
          .map((id) => text(functionOf(id)?.name))
          .toReversed()
          .join(';'),
        value.map(Number),
      ]),
    ),
    places: profile.location.map(
      ({ id, line }) => `${text(functionOf(id)?.name)} ${text(functionOf(id)?.filename)}:${line[0]?.line}`,
    ),
  };
}

/** Reads an `ExportProfilesServiceRequest` of OTLP. */
export function readOtlpProfiles(bytes: Uint8Array): SentProfile {
  const { resourceProfiles, dictionary } = plain('ExportProfilesServiceRequest', bytes);
  const [{ resource, scopeProfiles }] = resourceProfiles;
  const [profile] = scopeProfiles[0].profiles;
  const { stringTable, functionTable, locationTable, stackTable } = dictionary;
  const typeOf = ({ typeStrindex, unitStrindex }: Record<string, number>): string =>
    `${stringTable[typeStrindex ?? 0]}/${stringTable[unitStrindex ?? 0]}`;
  const functionOf = (location: number) => functionTable[locationTable[location].lines[0].functionIndex];
  const nameOf = (location: number): string => stringTable[functionOf(location).nameStrindex];
  return {
    labels: Object.fromEntries(resource.attributes.map(attributeOf)),
    types: [typeOf(profile.sampleType)],
    period: `${profile.period} ${typeOf(profile.periodType)}`,
    startedAtMs: profile.timeUnixNano / 1e6,
    durationNs: profile.durationNano,
    stacks: summed(
      profile.samples.map(({ stackIndex, values }: { stackIndex: number; values: readonly number[] }) => [
        stackTable[stackIndex].locationIndices.map(nameOf).toReversed().join(';'),
        values,
      ]),
    ),
    places: locationTable
      .slice(1)
      .map(({ lines }: { lines: readonly { line: number }[] }, index: number) =>
        [nameOf(index + 1), `${stringTable[functionOf(index + 1).filenameStrindex]}:${lines[0]?.line}`].join(
          ' ',
        ),
      ),
  };
}

/** Stacks may differ in lines alone. */
function summed(
  rows: readonly (readonly [string, readonly number[]])[],
): ReadonlyMap<string, readonly number[]> {
  const sums = new Map<string, readonly number[]>();
  for (const [stack, values] of rows) {
    const before = sums.get(stack);
    sums.set(
      stack,
      values.map((value, at) => value + (before?.[at] ?? 0)),
    );
  }
  return sums;
}

/** All members, those that are not there with their default. */
function plain(name: 'PushRequest' | 'ExportProfilesServiceRequest', bytes: Uint8Array) {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: Number, arrays: true, defaults: true, oneofs: true });
}

function attributeOf({ key, value }: { key: string; value: Record<string, string | number> }) {
  return [key, value['value'] === 'intValue' ? value['intValue'] : value['stringValue']];
}
