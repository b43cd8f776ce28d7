/** Compiles the engine once; every worker gets the same `WebAssembly.Module`. */

/**
 * Fetches and compiles the engine. Streaming where the server says `application/wasm`, else from the whole file:
 * static hosts that do not know the type still work.
 */
export async function compileEngine(
  url: URL | string = new URL('./pkg/emberglass_bg.wasm', import.meta.url),
): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the engine could not be loaded: ${response.status} ${response.statusText}`);
  if (response.headers.get('content-type')?.startsWith('application/wasm') === true) {
    return await WebAssembly.compileStreaming(response);
  }
  return await WebAssembly.compile(await response.arrayBuffer());
}
