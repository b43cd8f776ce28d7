/**
 * The modules of wasm, fetched and compiled once: workers get the same `WebAssembly.Module`. The literal form of
 * the addresses is what bundlers recognise.
 */

/** The engine: store, queries, views. */
export function compileEngine(
  url: URL | string = new URL('./pkg/emberglass_engine_bg.wasm', import.meta.url),
): Promise<WebAssembly.Module> {
  return compile('engine', url);
}

/** Decoders and encoders: what a decode worker runs. */
export function compileFormats(
  url: URL | string = new URL('./pkg/emberglass_formats_bg.wasm', import.meta.url),
): Promise<WebAssembly.Module> {
  return compile('module of file formats', url);
}

/** Pyroscope's interface: what the worker behind the service worker runs. */
export function compileServer(
  url: URL | string = new URL('./pkg/emberglass_server_bg.wasm', import.meta.url),
): Promise<WebAssembly.Module> {
  return compile("module of Pyroscope's interface", url);
}

/**
 * Streaming where the server says `application/wasm`, else from the whole file: static hosts that do not know the
 * type still work.
 */
async function compile(what: string, url: URL | string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the ${what} could not be loaded: ${response.status} ${response.statusText}`);
  if (response.headers.get('content-type')?.startsWith('application/wasm') === true) {
    return await WebAssembly.compileStreaming(response);
  }
  return await WebAssembly.compile(await response.arrayBuffer());
}
