import type { CallAccount } from './function-calls.ts';

/** A piece of a file that comes of torch in a process. */
export interface FilePiece {
  /** Files are numbered from 0 on. */
  readonly file: number;
  readonly bytes: Uint8Array;
}

/** An operator of torch, over all calls that were profiled, as torch itself sums its events. */
export interface TorchOperator {
  readonly name: string;
  readonly calls: number;
  /** Microseconds on the CPU without the operators that it has called, and with them. */
  readonly selfCpuUs: number;
  readonly cpuUs: number;
  /** The same on a GPU; 0 where there is none. */
  readonly selfDeviceUs: number;
  readonly deviceUs: number;
}

/** What comes of calls that torch has measured. */
export interface TorchMeasurement {
  readonly account: CallAccount;
  /** Of the torch in the process. */
  readonly torchVersion: string;
  /** Files that were sent, one for each call. */
  readonly fileCount: number;
}

/** Calls under torch's profiler. */
export interface TorchProfile extends TorchMeasurement {
  /** The ones that took most by themselves first; of very many the first ones. */
  readonly operators: readonly TorchOperator[];
  readonly operatorCount: number;
  /** What all operators took by themselves, those of which nothing is told too. */
  readonly selfCpuUs: number;
  readonly selfDeviceUs: number;
  /** Calls of too many events to be summed up, which only their traces have. */
  readonly unsummedCount: number;
  /** The process has begun to use CUDA, which was profiled too. */
  readonly hasCuda: boolean;
}

/** Calls during which allocations of CUDA were recorded. */
export interface TorchRecording extends TorchMeasurement {
  /** The process recorded them itself, and goes on to do so. */
  readonly wasRecording: boolean;
}

/** Live tensors of one shape and one type of element. */
export interface TensorGroup {
  /** A length that depends on a symbol is `undefined`, and the only one of a nested tensor. */
  readonly shape: readonly (number | undefined)[];
  readonly dtype: string;
  readonly count: number;
  /** Of their elements. */
  readonly sizeBytes: number;
  /** Of the memory that they keep, each stretch once. */
  readonly storageBytes: number;
  /** Where some of them hang: `__main__.net.fc.weight`. */
  readonly places: readonly string[];
  /** How many have such a place. */
  readonly placedCount: number;
}

/** Tensors on another device. */
export interface DeviceTensors {
  readonly device: string;
  readonly count: number;
  readonly sizeBytes: number;
}

/** The tensors in memory of the CPU that live. */
export interface TensorReport {
  readonly torchVersion: string;
  readonly count: number;
  readonly storageCount: number;
  /** Memory that several tensors share counts once. */
  readonly storageBytes: number;
  /** Tensors that have no memory of the usual kind, as sparse ones. */
  readonly withoutStorage: number;
  /** The largest first; of very many the first ones. */
  readonly groups: readonly TensorGroup[];
  readonly groupCount: number;
  readonly others: readonly DeviceTensors[];
}
