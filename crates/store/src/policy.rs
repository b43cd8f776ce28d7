//! What may be dropped, and when. Nothing that was acknowledged goes without one of these saying so.

use emberglass_columns::{ByteReader, put_i64, put_u64};

use crate::Fault;

const HAS_AGE: u8 = 1;
const HAS_BYTES: u8 = 2;
const EVICTS: u8 = 4;
const HAS_SAMPLE_AGE: u8 = 8;

/// Limits of one service, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Profiles that started longer ago than this go, ns; `None` for never.
    pub max_age: Option<i64>,
    /// Samples of profiles that started longer ago than this go, ns, where sums over steps of time stay; `None` for never.
    pub max_sample_age: Option<i64>,
    /// Bytes of sections; beyond them the samples of the oldest profiles go, where sums stay, then the oldest profiles. `None` for no bound.
    pub max_bytes: Option<u64>,
}

/// What the store may drop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Limits of all profiles together; the age is that of services without one of their own.
    pub all: Limits,
    /// Limits of services, sorted by `service_name`.
    pub services: Vec<(String, Limits)>,
    /// When the storage is full the oldest blocks make room for what is new; else the new is refused.
    pub evict_when_full: bool,
}

impl RetentionPolicy {
    /// The limits of a service's own.
    #[must_use]
    pub fn of(&self, service: &str) -> Limits {
        let found = self.services.binary_search_by(|(name, _)| name.as_str().cmp(service));
        found.ok().and_then(|at| self.services.get(at)).map_or_else(Limits::default, |(_, limits)| *limits)
    }

    /// How old profiles of a service may become, ns.
    #[must_use]
    pub fn age_of(&self, service: &str) -> Option<i64> {
        self.of(service).max_age.or(self.all.max_age)
    }

    /// How old samples of a service may become, ns.
    #[must_use]
    pub fn sample_age_of(&self, service: &str) -> Option<i64> {
        self.of(service).max_sample_age.or(self.all.max_sample_age)
    }

    /// True if nothing is ever dropped by age or size.
    #[must_use]
    pub fn keeps_all(&self) -> bool {
        let none = |limits: &Limits| *limits == Limits::default();
        none(&self.all) && self.services.iter().all(|(_, limits)| none(limits))
    }

    /// The same with services in order, the last of equal names, and without those that have no limits.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        let mut services: Vec<(String, Limits)> = Vec::with_capacity(self.services.len());
        for (name, limits) in self.services {
            services.retain(|(known, _)| *known != name);
            if limits != Limits::default() {
                services.push((name, limits));
            }
        }
        emberglass_columns::heap_sort_by(&mut services, |a, b| a.0.cmp(&b.0));
        self.services = services;
        self
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let Self { all, services, evict_when_full } = self;
        put_limits(out, *all, *evict_when_full);
        put_u64(out, services.len() as u64);
        for (name, limits) in services {
            put_u64(out, name.len() as u64);
            out.extend_from_slice(name.as_bytes());
            put_limits(out, *limits, false);
        }
    }

    pub(crate) fn read(reader: &mut ByteReader<'_>) -> Result<Self, Fault> {
        let (all, evict_when_full) = read_limits(reader)?;
        let mut services: Vec<(String, Limits)> = Vec::new();
        for _ in 0..reader.count()? {
            let name = reader.str()?.to_owned();
            if services.last().is_some_and(|(before, _)| *before >= name) {
                return Err(Fault::Invariant("the services of the policy are not sorted"));
            }
            services.push((name, read_limits(reader)?.0));
        }
        Ok(Self { all, services, evict_when_full })
    }
}

fn put_limits(out: &mut Vec<u8>, Limits { max_age, max_sample_age, max_bytes }: Limits, evicts: bool) {
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    let ages = flag(max_age.is_some(), HAS_AGE) | flag(max_sample_age.is_some(), HAS_SAMPLE_AGE);
    out.push(ages | flag(max_bytes.is_some(), HAS_BYTES) | flag(evicts, EVICTS));
    max_age.iter().chain(&max_sample_age).for_each(|&age| put_i64(out, age));
    max_bytes.iter().for_each(|&bytes| put_u64(out, bytes));
}

fn read_limits(reader: &mut ByteReader<'_>) -> Result<(Limits, bool), Fault> {
    let flags = reader.u8()?;
    if flags & !(HAS_AGE | HAS_BYTES | EVICTS | HAS_SAMPLE_AGE) != 0 {
        return Err(Fault::Invariant("unknown flags of a policy"));
    }
    let mut age = |flag| Ok::<_, Fault>(if flags & flag == 0 { None } else { Some(reader.zigzag()?) });
    let (max_age, max_sample_age) = (age(HAS_AGE)?, age(HAS_SAMPLE_AGE)?);
    let max_bytes = if flags & HAS_BYTES == 0 { None } else { Some(reader.varint()?) };
    Ok((Limits { max_age, max_sample_age, max_bytes }, flags & EVICTS != 0))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn policy() -> impl Strategy<Value = RetentionPolicy> {
        let limits = (any::<Option<i64>>(), any::<Option<i64>>(), any::<Option<u64>>());
        let limits =
            limits.prop_map(|(max_age, max_sample_age, max_bytes)| Limits { max_age, max_sample_age, max_bytes });
        (limits.clone(), proptest::collection::vec(("[a-c]{0,2}", limits), 0..5), any::<bool>())
            .prop_map(|(all, services, evict_when_full)| RetentionPolicy { all, services, evict_when_full })
    }

    proptest! {
        #[test]
        fn policies_survive(policy in policy()) {
            let given = policy.services.clone();
            let policy = policy.normalized();
            let mut bytes = Vec::new();
            policy.put(&mut bytes);
            let mut reader = ByteReader::new(&bytes);
            prop_assert_eq!(RetentionPolicy::read(&mut reader).unwrap(), policy.clone());
            prop_assert!(reader.is_empty());
            for (name, _) in &given {
                let last = given.iter().rev().find(|(of, _)| of == name).map(|(_, limits)| *limits).unwrap();
                prop_assert_eq!(policy.of(name), last);
            }
        }
    }

    #[test]
    fn a_service_has_the_common_age_unless_it_has_its_own() {
        let own = Limits { max_age: Some(5), ..Limits::default() };
        let policy = RetentionPolicy {
            all: Limits { max_age: Some(9), ..Limits::default() },
            services: vec![("a".to_owned(), own), ("b".to_owned(), Limits { max_bytes: Some(1), ..Limits::default() })],
            evict_when_full: false,
        };
        assert_eq!(["a", "b", "c"].map(|name| policy.age_of(name)), [Some(5), Some(9), Some(9)]);
        assert!(!policy.keeps_all() && RetentionPolicy::default().keeps_all());
    }
}
