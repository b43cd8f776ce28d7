/** A worker for tests: what it gets is recorded, what it says is up to the test. */

import type { Reply, Request } from '../../www/engine/protocol.ts';
import type { WorkerPort } from '../../www/engine/worker-port.ts';

export class FakeWorker implements WorkerPort {
  readonly sent: Request[] = [];
  readonly transferred: Transferable[][] = [];
  terminated = false;
  onmessage: ((event: MessageEvent<Reply>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  onmessageerror: ((event: MessageEvent) => void) | null = null;

  /** `answer` is asked for the reply to each request; null leaves it open. */
  constructor(private readonly answer: (request: Request, worker: FakeWorker) => Reply | null) {}

  postMessage(message: Request, transfer: Transferable[]): void {
    this.sent.push(message);
    this.transferred.push(transfer);
    const reply = this.answer(message, this);
    if (reply !== null) queueMicrotask(() => this.say(reply));
  }

  terminate(): void {
    this.terminated = true;
  }

  /** Says something to the page. */
  say(reply: Reply): void {
    if (!this.terminated) this.onmessage?.({ data: reply } as MessageEvent<Reply>);
  }

  /** Fails as a worker whose script threw outside of a call. */
  fail(message: string): void {
    if (!this.terminated) this.onerror?.({ message, preventDefault: () => undefined } as ErrorEvent);
  }
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}
