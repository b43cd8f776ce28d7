//! A cache bounded by bytes that forgets what was used longest ago.

use std::collections::BTreeMap;

/// Values by key, the least recently used of which leave first.
#[derive(Debug)]
pub(crate) struct Lru<K, V> {
    entries: BTreeMap<K, Entry<V>>,
    by_use: BTreeMap<u64, K>,
    clock: u64,
    bytes: usize,
    limit: usize,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    bytes: usize,
    used: u64,
}

impl<K: Copy + Ord, V: Clone> Lru<K, V> {
    /// Holds at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: BTreeMap::new(), by_use: BTreeMap::new(), clock: 0, bytes: 0, limit }
    }

    pub(crate) fn get(&mut self, key: K) -> Option<V> {
        let entry = self.entries.get_mut(&key)?;
        self.by_use.remove(&entry.used);
        self.clock += 1;
        entry.used = self.clock;
        self.by_use.insert(self.clock, key);
        Some(entry.value.clone())
    }

    /// A value that stays as old as it is.
    pub(crate) fn peek(&self, key: K) -> Option<&V> {
        self.entries.get(&key).map(|entry| &entry.value)
    }

    /// Adds a value, unless it alone is beyond the limit.
    pub(crate) fn insert(&mut self, key: K, value: V, bytes: usize) {
        self.remove(key);
        if bytes > self.limit {
            return;
        }
        self.clock += 1;
        self.bytes += bytes;
        self.by_use.insert(self.clock, key);
        self.entries.insert(key, Entry { value, bytes, used: self.clock });
        while self.bytes > self.limit
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            if let Some(entry) = self.entries.remove(&oldest) {
                self.bytes -= entry.bytes;
            }
        }
    }

    fn remove(&mut self, key: K) {
        if let Some(entry) = self.entries.remove(&key) {
            self.by_use.remove(&entry.used);
            self.bytes -= entry.bytes;
        }
    }

    /// Keeps the keys for which `keep` holds.
    pub(crate) fn retain(&mut self, keep: impl Fn(K) -> bool) {
        let gone: Vec<K> = self.entries.keys().copied().filter(|&key| !keep(key)).collect();
        for key in gone {
            self.remove(key);
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_leaves_first() {
        let mut lru = Lru::new(10);
        lru.insert(1, 'a', 4);
        lru.insert(2, 'b', 4);
        assert_eq!(lru.get(1), Some('a'));
        lru.insert(3, 'c', 4);
        assert_eq!((lru.get(1), lru.get(2), lru.get(3), lru.bytes()), (Some('a'), None, Some('c'), 8));
        lru.insert(4, 'd', 11);
        assert_eq!((lru.get(4), lru.bytes()), (None, 8));
        lru.insert(3, 'e', 6);
        assert_eq!((lru.get(3), lru.bytes()), (Some('e'), 10));
        lru.retain(|key| key == 1);
        assert_eq!((lru.get(1), lru.get(3), lru.bytes()), (Some('a'), None, 4));
    }
}
