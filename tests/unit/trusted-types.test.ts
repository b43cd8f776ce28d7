import { describe, expect, it } from 'vitest';
import { installTrustedTypes, sameOriginScriptUrl } from '../../www/engine/trusted-types.ts';

describe('the Trusted Types policy', () => {
  it('passes script URLs of its own origin only', () => {
    const page = 'https://host:8443/app/index.html';
    expect(sameOriginScriptUrl('./worker.js', page)).toBe('https://host:8443/app/worker.js');
    for (const url of ['https://host/worker.js', '//evil/worker.js', 'data:text/javascript,1', 'blob:https://other/1', 'javascript:1']) {
      expect(() => sameOriginScriptUrl(url, page)).toThrow(TypeError);
    }
  });

  it('is installed once, under the name default, with script URLs alone', () => {
    const made: [string, object][] = [];
    const scope = {
      location: { href: 'https://host/' },
      trustedTypes: {
        defaultPolicy: null as unknown,
        createPolicy(name: string, rules: object) {
          made.push([name, rules]);
          this.defaultPolicy = rules;
        },
      },
    };
    installTrustedTypes(scope);
    installTrustedTypes(scope);
    expect(made).toHaveLength(1);
    expect(made[0]?.[0]).toBe('default');
    expect(Object.keys(made[0]?.[1] ?? {})).toEqual(['createScriptURL']);
    expect(() => installTrustedTypes({ location: { href: 'https://host/' } })).not.toThrow();
  });
});
