/** A catalog for tests: two services with two profile types each, of which one is the default. */

import type { Catalog } from '../../www/engine/protocol.ts';

export const CATALOG: Catalog = {
  generation: 3,
  profiles: 3,
  storedBytes: 100,
  damaged: [],
  services: ['checkout', 'shop'].map((name) => ({
    name,
    profiles: 1,
    from: 100n,
    until: 200n,
    types: ['a', 'b'].map((sampleType) => ({
      id: `${name}:${sampleType}:count::`,
      sampleType,
      unit: 'count',
      aggregation: 'sum' as const,
      profiles: 1,
      from: 100n,
      until: 200n,
      isDefault: name === 'shop' && sampleType === 'a',
    })),
  })),
};
