//! The life of a connection to a storage that can go away: what to do next, decided without doing it.
//!
//! ```text
//! Closed --wanted--> Opening --opened--> Open --lost, released--> Closed
//!                    |    ^
//!             failed |    | waited, wanted
//!                    v    |
//!                    Waiting --after the last pause--> Lost     (tried again whenever it is wanted)
//!                    Refused                                    (only a newer page can open it)
//! ```
//!
//! The host performs the [`ConnectionStep`]s and tells their outcome; operations use the connection only in `Open`.

use crate::BackendError;

/// Pauses before the second and later attempts to open, ms.
const PAUSES_MS: [u32; 4] = [50, 250, 1000, 2000];

/// Where a connection is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Connection {
    /// Not open; nothing is wrong with it.
    #[default]
    Closed,
    /// Given up because another tab upgrades or deletes the database.
    Released,
    /// Being opened.
    Opening {
        /// Attempts before this one.
        failed: u32,
    },
    /// It can be used.
    Open,
    /// Between two attempts.
    Waiting {
        /// Attempts so far.
        failed: u32,
        /// What the last one failed with.
        fault: BackendError,
    },
    /// Opening again did not help yet. Nothing is stored meanwhile.
    Lost {
        /// What the last attempt failed with.
        fault: BackendError,
    },
    /// Opening again can't help.
    Refused {
        /// Why.
        fault: BackendError,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionEvent {
    /// An operation needs it.
    Wanted,
    /// An attempt to open succeeded.
    Opened,
    /// An attempt to open failed.
    Failed(BackendError),
    /// The pause is over.
    Waited,
    /// The browser lost it, or an operation found it lost.
    Lost,
    /// Another tab wants to upgrade or delete the database.
    Released,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionStep {
    /// Use it.
    Use,
    /// Open it, then tell `Opened` or `Failed`.
    Open,
    /// Wait so many milliseconds, then tell `Waited`.
    Wait(u32),
    /// The operation fails.
    Fail(BackendError),
    /// Close it, if it is open.
    Close,
}

impl Connection {
    /// The name that the page knows the state by.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Released => "released",
            Self::Opening { .. } => "opening",
            Self::Open => "open",
            Self::Waiting { .. } => "waiting",
            Self::Lost { .. } => "lost",
            Self::Refused { .. } => "refused",
        }
    }

    /// Why it is not open, if something went wrong.
    #[must_use]
    pub const fn fault(&self) -> Option<&BackendError> {
        match self {
            Self::Waiting { fault, .. } | Self::Lost { fault } | Self::Refused { fault } => Some(fault),
            Self::Closed | Self::Released | Self::Opening { .. } | Self::Open => None,
        }
    }

    /// Takes what happened; says what to do about it.
    pub fn on(&mut self, event: ConnectionEvent) -> ConnectionStep {
        let (next, step) = match (std::mem::take(self), event) {
            (Self::Open, ConnectionEvent::Wanted | ConnectionEvent::Opened) => (Self::Open, ConnectionStep::Use),
            (Self::Refused { fault }, ConnectionEvent::Wanted) => {
                (Self::Refused { fault: fault.clone() }, ConnectionStep::Fail(fault))
            }
            // One attempt: whoever wants it next makes another.
            (Self::Lost { .. }, ConnectionEvent::Wanted) => {
                (Self::Opening { failed: PAUSES_MS.len() as u32 }, ConnectionStep::Open)
            }
            (Self::Waiting { failed, .. }, ConnectionEvent::Wanted | ConnectionEvent::Waited)
            | (Self::Opening { failed }, ConnectionEvent::Wanted | ConnectionEvent::Waited) => {
                (Self::Opening { failed }, ConnectionStep::Open)
            }
            (_, ConnectionEvent::Wanted | ConnectionEvent::Waited) => {
                (Self::Opening { failed: 0 }, ConnectionStep::Open)
            }
            (_, ConnectionEvent::Opened) => (Self::Open, ConnectionStep::Use),
            (_, ConnectionEvent::Failed(fault @ BackendError::NewerVersion(_))) => {
                (Self::Refused { fault: fault.clone() }, ConnectionStep::Fail(fault))
            }
            (Self::Opening { failed }, ConnectionEvent::Failed(fault)) => {
                match PAUSES_MS.get(failed as usize).filter(|_| passes(&fault)) {
                    Some(&pause) => (Self::Waiting { failed: failed + 1, fault }, ConnectionStep::Wait(pause)),
                    None => (Self::Lost { fault: fault.clone() }, ConnectionStep::Fail(fault)),
                }
            }
            (_, ConnectionEvent::Failed(fault)) => (Self::Lost { fault: fault.clone() }, ConnectionStep::Fail(fault)),
            (Self::Open, ConnectionEvent::Lost) => (Self::Closed, ConnectionStep::Close),
            (Self::Open, ConnectionEvent::Released) => (Self::Released, ConnectionStep::Close),
            (state, ConnectionEvent::Lost | ConnectionEvent::Released) => (state, ConnectionStep::Close),
        };
        *self = next;
        step
    }
}

/// True for faults that another attempt, a little later, may not meet.
const fn passes(fault: &BackendError) -> bool {
    matches!(fault, BackendError::ConnectionLost(_) | BackendError::Aborted(_) | BackendError::Other(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost() -> BackendError {
        BackendError::ConnectionLost("gone".to_owned())
    }

    /// Performs the steps against a storage that fails as told; gives what the operation came to and the pauses made.
    fn operate(
        connection: &mut Connection,
        mut answers: Vec<Result<(), BackendError>>,
    ) -> (Result<(), BackendError>, u32) {
        answers.reverse();
        let mut waited = 0;
        let mut step = connection.on(ConnectionEvent::Wanted);
        loop {
            step = match step {
                ConnectionStep::Use => return (Ok(()), waited),
                ConnectionStep::Fail(fault) => return (Err(fault), waited),
                ConnectionStep::Open => match answers.pop().expect("no more attempts") {
                    Ok(()) => connection.on(ConnectionEvent::Opened),
                    Err(fault) => connection.on(ConnectionEvent::Failed(fault)),
                },
                ConnectionStep::Wait(pause) => {
                    waited += pause;
                    connection.on(ConnectionEvent::Waited)
                }
                ConnectionStep::Close => unreachable!("nothing closes here"),
            };
        }
    }

    #[test]
    fn it_is_opened_once_and_again_after_it_was_lost() {
        let mut connection = Connection::default();
        assert_eq!(operate(&mut connection, vec![Ok(())]), (Ok(()), 0));
        assert_eq!(operate(&mut connection, vec![]), (Ok(()), 0));
        for (event, name) in [(ConnectionEvent::Lost, "closed"), (ConnectionEvent::Released, "released")] {
            assert_eq!(connection.on(event), ConnectionStep::Close);
            assert_eq!((connection.name(), connection.fault()), (name, None));
            assert_eq!(operate(&mut connection, vec![Ok(())]), (Ok(()), 0));
        }
    }

    #[test]
    fn attempts_come_with_growing_pauses_and_end() {
        let mut connection = Connection::default();
        assert_eq!(operate(&mut connection, vec![Err(lost()), Err(lost()), Ok(())]), (Ok(()), 300));
        connection.on(ConnectionEvent::Lost);
        assert_eq!(operate(&mut connection, vec![Err(lost()); 5]), (Err(lost()), 3300));
        assert_eq!((connection.name(), connection.fault()), ("lost", Some(&lost())));
        // Then each operation tries once, without a pause.
        assert_eq!(operate(&mut connection, vec![Err(lost())]), (Err(lost()), 0));
        assert_eq!(operate(&mut connection, vec![Ok(())]), (Ok(()), 0));
        assert_eq!(connection, Connection::Open);
        // And the patience is back.
        connection.on(ConnectionEvent::Lost);
        assert_eq!(operate(&mut connection, vec![Err(lost()), Ok(())]), (Ok(()), 50));
    }

    #[test]
    fn what_waiting_can_not_help_fails_at_once() {
        let blocked = BackendError::Blocked("by a tab".to_owned());
        let mut connection = Connection::default();
        assert_eq!(operate(&mut connection, vec![Err(blocked.clone())]), (Err(blocked), 0));
        assert_eq!(operate(&mut connection, vec![Ok(())]), (Ok(()), 0));
        let newer = BackendError::NewerVersion("99".to_owned());
        connection.on(ConnectionEvent::Released);
        assert_eq!(operate(&mut connection, vec![Err(newer.clone())]), (Err(newer.clone()), 0));
        assert_eq!(connection.name(), "refused");
        // It is not even asked again.
        assert_eq!(operate(&mut connection, vec![]), (Err(newer), 0));
    }

    #[test]
    fn no_event_opens_what_nobody_wants_and_only_an_opened_one_is_used() {
        let events = [
            ConnectionEvent::Wanted,
            ConnectionEvent::Opened,
            ConnectionEvent::Failed(lost()),
            ConnectionEvent::Failed(BackendError::NewerVersion(String::new())),
            ConnectionEvent::Waited,
            ConnectionEvent::Lost,
            ConnectionEvent::Released,
        ];
        // Every sequence of five events.
        for code in 0..events.len().pow(5) {
            let mut connection = Connection::default();
            let mut rest = code;
            for _ in 0..5 {
                let event = events[rest % events.len()].clone();
                rest /= events.len();
                let before = connection.clone();
                let step = connection.on(event.clone());
                let opens = matches!(event, ConnectionEvent::Wanted | ConnectionEvent::Waited);
                assert!(step != ConnectionStep::Open || opens, "{before:?} {event:?}");
                let open = before == Connection::Open || event == ConnectionEvent::Opened;
                assert!(
                    step != ConnectionStep::Use || (open && connection == Connection::Open),
                    "{before:?} {event:?}"
                );
                assert_eq!(connection.fault().is_some(), matches!(connection.name(), "waiting" | "lost" | "refused"));
            }
        }
    }
}
