/**
 * A decode worker: reads one file at a time and turns it into a batch for the engine, or, member by member, into one
 * for each file of an archive; or turns a batch into a file. It may be terminated at any moment; it holds nothing that
 * matters.
 */

import init, { Decoder, encode, output_formats, protocol_version } from './pkg/emberglass_formats.js';
import { ClientCode, EngineError, errorShape, isTrap } from './errors.ts';
import type { Encoded, FileAccess, Member, Reply, Request } from './protocol.ts';

/** Progress is told at most this often. */
const PROGRESS_INTERVAL_MS = 50;

function post(reply: Reply, transfer: Transferable[] = []): void {
  self.postMessage(reply, { transfer });
}

/** Passes progress on, but not more often than people can see; the end always passes. */
function progressReporter(id: number): (done: number, total: number) => void {
  let told = -Infinity;
  return (done, total) => {
    const now = performance.now();
    if (done < total && now - told < PROGRESS_INTERVAL_MS) return;
    told = now;
    post({ id, progress: { done, total } });
  };
}

/** A file of the page, read synchronously as only workers may. */
function accessTo(file: Blob): FileAccess {
  const reader = new FileReaderSync();
  return {
    size: file.size,
    read: (offset, length) => {
      try {
        return new Uint8Array(reader.readAsArrayBuffer(file.slice(offset, offset + length)));
      } catch (thrown) {
        const why = thrown instanceof Error ? thrown.message : String(thrown);
        throw new EngineError(ClientCode.unreadableFile, `the file could not be read: ${why}`);
      }
    },
  };
}

/** The file of the last `decode`, until its last member is answered. */
let open: Decoder | null = null;

/** Answers with the next member of the open file, or with null and closes it. */
function answerNext(id: number): void {
  const member = (open?.next(progressReporter(id)) ?? null) as Member | null;
  if (member === null) {
    open?.free();
    open = null;
  }
  const batch = member?.decoded?.batch;
  post({ id, result: member }, batch === undefined ? [] : [batch.buffer as ArrayBuffer]);
}

self.onmessage = async (event: MessageEvent<Request>) => {
  const { id, method, params } = event.data;
  try {
    if (method === 'init') {
      await init({ module_or_path: params[0] as WebAssembly.Module });
      post({ id, result: protocol_version() });
      return;
    }
    if (method === 'outputFormats') {
      post({ id, result: output_formats() });
      return;
    }
    if (method === 'encode') {
      const encoded = encode(params[0] as Uint8Array, params[1] as string, params[2]) as Encoded;
      post({ id, result: encoded }, [encoded.bytes.buffer as ArrayBuffer]);
      return;
    }
    if (method === 'decode') {
      open?.free();
      open = new Decoder(accessTo(params[0] as Blob), params[1] as string);
    }
    answerNext(id);
  } catch (thrown) {
    const shape = errorShape(thrown);
    if (isTrap(thrown)) post({ id, error: { ...shape, code: ClientCode.decoderCrashed }, fatal: true });
    else post({ id, error: shape });
  }
};
