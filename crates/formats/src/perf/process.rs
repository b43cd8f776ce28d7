//! What a recording is of: perf names threads only, and a recording may be of a whole machine.

use std::collections::BTreeMap;

use emberglass_profile::StringId;

/// Process of the processors' idle time, `swapper`.
const IDLE: Option<i64> = Some(0);

/// Samples of a thread under one of its names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ran {
    pub(super) comm: StringId,
    pub(super) process_id: Option<i64>,
    pub(super) thread_id: Option<i64>,
    pub(super) samples: u64,
}

/// What the process calls itself that more than half of the samples are of, idle time left out: the name that its main thread had most
/// of the time, where there are samples of it. Empty where there is no such process. In a source without ids of processes it is
/// the name that all threads have.
pub(super) fn name_of_process(ran: &[Ran]) -> StringId {
    let busy = || ran.iter().filter(|ran| ran.process_id != IDLE);
    let Some((process, samples)) = most(busy().map(|ran| (ran.process_id, ran.samples))) else {
        return StringId::EMPTY;
    };
    let all: u64 = busy().map(|ran| ran.samples).sum();
    if samples <= all / 2 {
        return StringId::EMPTY;
    }
    let own = || busy().filter(|ran| ran.process_id == process);
    if process.is_none() {
        let mut names = own().map(|ran| ran.comm);
        let first = names.next().unwrap_or(StringId::EMPTY);
        return if names.all(|name| name == first) { first } else { StringId::EMPTY };
    }
    let main = most(own().filter(|ran| ran.thread_id == process).map(|ran| (ran.comm, ran.samples)));
    main.or_else(|| most(own().map(|ran| (ran.comm, ran.samples)))).map_or(StringId::EMPTY, |(comm, _)| comm)
}

/// The key with the largest sum; of several the last.
fn most<K: Ord>(counts: impl Iterator<Item = (K, u64)>) -> Option<(K, u64)> {
    let mut sums = BTreeMap::new();
    for (key, count) in counts {
        *sums.entry(key).or_insert(0) += count;
    }
    sums.into_iter().max_by_key(|&(_, sum)| sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENV: StringId = StringId(1);
    const SHOP: StringId = StringId(2);
    const POOL: StringId = StringId(3);

    fn name(ran: &[(StringId, i64, i64, u64)]) -> StringId {
        let id = |id: i64| (id >= 0).then_some(id);
        let of =
            |&(comm, process, thread, samples)| Ran { comm, process_id: id(process), thread_id: id(thread), samples };
        name_of_process(&ran.iter().map(of).collect::<Vec<_>>())
    }

    #[test]
    fn the_main_thread_names_the_process() {
        assert_eq!(name(&[(ENV, 7, 7, 2), (SHOP, 7, 7, 5), (POOL, 7, 8, 90)]), SHOP);
        assert_eq!(name(&[(SHOP, 7, 8, 2), (POOL, 7, 9, 5)]), POOL, "without samples of the main thread");
        assert_eq!(name(&[(SHOP, 7, -1, 2), (POOL, 7, -1, 5)]), POOL, "without ids of threads");
    }

    #[test]
    fn one_process_has_most_samples_or_none_is_meant() {
        assert_eq!(name(&[(ENV, 6, 6, 49), (SHOP, 7, 7, 51)]), SHOP);
        assert_eq!(name(&[(ENV, 6, 6, 50), (SHOP, 7, 7, 50)]), StringId::EMPTY);
        assert_eq!(name(&[(POOL, 0, 0, 900), (SHOP, 7, 7, 5)]), SHOP, "idle time is of nobody");
        assert_eq!(name(&[]), StringId::EMPTY);
    }

    #[test]
    fn without_ids_of_processes_one_name_is_one_process() {
        assert_eq!(name(&[(SHOP, -1, 7, 5), (SHOP, -1, 8, 90)]), SHOP);
        assert_eq!(name(&[(SHOP, -1, 7, 5), (POOL, -1, 8, 90)]), StringId::EMPTY);
    }
}
