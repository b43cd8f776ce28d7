/**
 * A decode worker: reads one file at a time and turns it into a batch for the engine, or turns a batch into a file.
 * It may be terminated at any moment; it holds nothing that matters.
 */

import init, { decode, encode, protocol_version } from './pkg/emberglass_formats.js';
import { ClientCode, EngineError, errorShape, isTrap } from './errors.ts';
import type { Decoded, Encoded, Reply, Request } from './protocol.ts';

/** Progress is told at most this often. */
const PROGRESS_INTERVAL_MS = 50;

function post(reply: Reply, transfer: Transferable[] = []): void {
  self.postMessage(reply, { transfer });
}

/** Passes progress on, but not more often than people can see; the end of a phase always passes. */
function progressReporter(id: number, phase: 'reading' | 'decoding'): (done: number, total: number) => void {
  let told = -Infinity;
  return (done, total) => {
    const now = performance.now();
    if (done < total && now - told < PROGRESS_INTERVAL_MS) return;
    told = now;
    post({ id, progress: { done, total, phase } });
  };
}

async function readFile(file: Blob, report: (done: number, total: number) => void): Promise<Uint8Array> {
  try {
    const bytes = new Uint8Array(file.size);
    const reader = file.stream().getReader();
    let filled = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes.set(value, filled);
      filled += value.byteLength;
      report(filled, file.size);
    }
    return bytes.subarray(0, filled);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new EngineError(ClientCode.unreadableFile, `the file could not be read: ${why}`);
  }
}

async function decodeFile(id: number, file: Blob, name: string): Promise<Decoded> {
  const bytes = await readFile(file, progressReporter(id, 'reading'));
  return decode(bytes, name, progressReporter(id, 'decoding')) as Decoded;
}

self.onmessage = async (event: MessageEvent<Request>) => {
  const { id, method, params } = event.data;
  try {
    if (method === 'init') {
      await init({ module_or_path: params[0] as WebAssembly.Module });
      post({ id, result: protocol_version() });
      return;
    }
    if (method === 'encode') {
      const encoded = encode(params[0] as Uint8Array, params[1] as string, params[2]) as Encoded;
      post({ id, result: encoded }, [encoded.bytes.buffer as ArrayBuffer]);
      return;
    }
    const decoded = await decodeFile(id, params[0] as Blob, params[1] as string);
    post({ id, result: decoded }, [decoded.batch.buffer as ArrayBuffer]);
  } catch (thrown) {
    const shape = errorShape(thrown);
    if (isTrap(thrown)) post({ id, error: { ...shape, code: ClientCode.decoderCrashed }, fatal: true });
    else post({ id, error: shape });
  }
};
