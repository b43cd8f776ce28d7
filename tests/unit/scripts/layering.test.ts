import { describe, expect, test } from 'vitest';

import { layeringFaults } from '../../../scripts/layering.mjs';

/** Metadata of crates that use each other: `{ 'emberglass-trie': ['emberglass-profile'] }`; `dev:` marks a test-only use. */
function metadata(uses: Record<string, string[]>, members: string[]) {
  const names = new Set([...Object.keys(uses), ...Object.values(uses).flat().map((name) => name.replace('dev:', ''))]);
  return {
    workspace_members: members,
    packages: [...names].map((name) => ({ id: name, name })),
    resolve: {
      nodes: [...names].map((id) => ({
        id,
        deps: (uses[id] ?? []).map((name) => ({
          pkg: name.replace('dev:', ''),
          dep_kinds: [{ kind: name.startsWith('dev:') ? 'dev' : null }],
        })),
      })),
    },
  };
}

describe('floors', () => {
  test('a crate may use the crates below it', () => {
    const members = ['emberglass-columns', 'emberglass-trie', 'emberglass-wasm-base', 'emberglass-wasm'];
    const uses = {
      'emberglass-trie': ['emberglass-columns'],
      'emberglass-wasm-base': ['js-sys'],
      'emberglass-wasm': ['emberglass-trie', 'emberglass-wasm-base', 'wasm-bindgen'],
    };
    expect(layeringFaults(metadata(uses, members))).toEqual([]);
  });

  test('a crate may not use one above it, not even in tests', () => {
    const members = ['emberglass-columns', 'emberglass-trie'];
    expect(layeringFaults(metadata({ 'emberglass-columns': ['dev:emberglass-trie'] }, members))).toEqual([
      'emberglass-columns uses emberglass-trie, which is not below it',
    ]);
  });

  test('the core may not reach JavaScript, however deep it hides', () => {
    const uses = { 'emberglass-trie': ['random'], random: ['js-sys'] };
    expect(layeringFaults(metadata(uses, ['emberglass-trie']))).toEqual([
      'emberglass-trie reaches JavaScript: emberglass-trie > random > js-sys',
    ]);
  });

  test('a crate may name itself for its tests', () => {
    expect(layeringFaults(metadata({ 'emberglass-store': ['dev:emberglass-store'] }, ['emberglass-store']))).toEqual([]);
  });

  test('test-only dependencies may', () => {
    expect(layeringFaults(metadata({ 'emberglass-trie': ['dev:js-sys'] }, ['emberglass-trie']))).toEqual([]);
  });

  test('a crate without a floor is refused', () => {
    expect(layeringFaults(metadata({ 'emberglass-attic': [] }, ['emberglass-attic']))).toEqual([
      'emberglass-attic stands on no floor: name it in scripts/layering.mjs',
    ]);
  });
});
