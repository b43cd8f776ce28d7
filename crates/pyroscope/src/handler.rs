//! Requests by their paths.

use std::borrow::Cow;
use std::cell::RefCell;

use emberglass_engine::{Database, YieldNow};
use emberglass_store::Backend;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::counters::Counters;
use crate::fault::{Code, Fault};
use crate::ingest::{self, Pushed};
use crate::wire::{PushResponse, unanswered};
use crate::{Request, Response, query};

const QUERIER: &str = "/querier.v1.QuerierService/";
/// Pyroscope's reason where a body is too large.
const TOO_LARGE: &str = "body_size_limit_exceeded";
const PUSH: &str = "/push.v1.PusherService/Push";

/// Answers requests from a database.
#[derive(Debug)]
pub struct Handler<B> {
    db: Database<B>,
    counters: RefCell<Counters>,
    is_bounded: bool,
    is_read_only: bool,
}

/// How a message of Connect is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Json,
    Protobuf,
}

impl Codec {
    fn of(request: &Request) -> Result<Self, Response> {
        match request.media_type().as_str() {
            "application/json" => Ok(Self::Json),
            "application/proto" | "application/x-protobuf" | "application/protobuf" => Ok(Self::Protobuf),
            _ => Err(Response::new(415, "text/plain; charset=utf-8", "send application/json or application/proto")),
        }
    }

    fn read<T: Message + Default + DeserializeOwned>(self, body: &[u8]) -> Result<T, Fault> {
        let bad = |words: String| Fault::invalid(format!("the request can't be read: {words}"));
        match self {
            Self::Json if body.iter().all(u8::is_ascii_whitespace) => Ok(T::default()),
            Self::Json => serde_json::from_slice(body).map_err(|error| bad(error.to_string())),
            Self::Protobuf => T::decode(body).map_err(|error| bad(error.to_string())),
        }
    }

    fn write<T: Message + Serialize>(self, message: &T) -> Result<Response, Fault> {
        Ok(match self {
            Self::Json => {
                let text = serde_json::to_vec(message);
                Response::json(text.map_err(|error| Fault::new(Code::Internal, error.to_string()))?)
            }
            Self::Protobuf => Response::new(200, "application/proto", message.encode_to_vec()),
        })
    }
}

impl<B: Backend> Handler<B> {
    /// Answers from `db`. With `max_bytes` the oldest blocks go once there is more.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn new(db: Database<B>, max_bytes: Option<u64>) -> Result<Self, emberglass_engine::EngineError> {
        if let Some(bytes) = max_bytes {
            db.bound_bytes(bytes).await?;
        }
        Ok(Self { db, counters: RefCell::default(), is_bounded: max_bytes.is_some(), is_read_only: false })
    }

    /// Answers from `db`, which somebody else writes; what is pushed is refused.
    pub fn read_only(db: Database<B>) -> Self {
        Self { db, counters: RefCell::default(), is_bounded: false, is_read_only: true }
    }

    /// The database.
    pub const fn database(&self) -> &Database<B> {
        &self.db
    }

    /// Answers one request that came at `now`, ns since the epoch.
    pub async fn handle(&self, request: &Request, now: i64, pause: &impl YieldNow) -> Response {
        let (route, answer) = self.route(request, now, pause).await;
        let response = answer.unwrap_or_else(|fault| {
            if let Some(reason) = fault.reason {
                self.counters.borrow_mut().discard(reason, request.body.len() as u64);
            }
            fault.response()
        });
        self.counters.borrow_mut().answered(route, response.status);
        response
    }

    /// Answers a request of which the host took no more than `bytes` of the body: it is too large.
    pub fn too_large(&self, bytes: u64) -> Response {
        let message = format!("the body has more than {bytes} bytes");
        let fault = Fault::new(Code::ResourceExhausted, message);
        let response = fault.response();
        let mut counters = self.counters.borrow_mut();
        counters.discard(TOO_LARGE, bytes);
        counters.answered("other", response.status);
        response
    }

    async fn route(
        &self,
        request: &Request,
        now: i64,
        pause: &impl YieldNow,
    ) -> (&'static str, Result<Response, Fault>) {
        let (route, wanted) = match request.path() {
            "/ready" => ("/ready", "GET"),
            "/metrics" => ("/metrics", "GET"),
            "/ingest" | "/pyroscope/ingest" => ("/ingest", "POST"),
            "/pyroscope/render" => ("/pyroscope/render", "GET"),
            "/pyroscope/render-diff" => ("/pyroscope/render-diff", "GET"),
            "/pyroscope/label-values" => ("/pyroscope/label-values", "GET"),
            "/v1development/profiles"
            | "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export" => {
                ("/v1development/profiles", "POST")
            }
            PUSH => (PUSH, "POST"),
            path if path.starts_with(QUERIER) => (QUERIER, "POST"),
            _ => return ("other", Ok(Response::new(404, "text/plain; charset=utf-8", "nothing is answered here\n"))),
        };
        if request.method != wanted && !(wanted == "GET" && matches!(request.method.as_str(), "HEAD" | "POST")) {
            return (route, Ok(Response::new(405, "", "")));
        }
        if self.is_read_only && matches!(route, "/ingest" | "/v1development/profiles" | PUSH) {
            let message = "profiles are not pushed to a page: push them to `emberglass serve`, or open their files";
            return (route, Err(Fault::new(Code::PermissionDenied, message)));
        }
        let body = if request.header("content-encoding").eq_ignore_ascii_case("gzip") {
            match ingest::decode::inflate(&request.body) {
                Ok(body) => Cow::Owned(body),
                Err(error) if error.code == emberglass_profile::ErrorCode::TooLarge => {
                    let message = "the body is larger than what is taken once it is inflated";
                    let fault = Fault::new(Code::ResourceExhausted, message);
                    return (route, Err(Fault { reason: Some(TOO_LARGE), ..fault }));
                }
                Err(error) => return (route, Err(Fault::malformed(Code::InvalidArgument, &error))),
            }
        } else {
            Cow::Borrowed(request.body.as_slice())
        };
        let query = request.query();
        let answer = match route {
            "/ready" => Ok(Response::new(200, "text/plain; charset=utf-8", "ready\n")),
            "/metrics" => Ok(self.metrics()),
            "/ingest" => self.ingest(request, &body, now).await,
            "/pyroscope/render" => query::render(&self.db, &query, now, pause).await,
            "/pyroscope/render-diff" => query::render_diff(&self.db, &query, now, pause).await,
            "/pyroscope/label-values" => query::label_values_http(&self.db, &query, now, pause).await,
            "/v1development/profiles" => self.otlp(request, &body, now).await,
            _ => match Codec::of(request) {
                Ok(codec) if route == PUSH => self.push(codec, &body, now).await,
                Ok(codec) => {
                    let method = request.path().strip_prefix(QUERIER).unwrap_or_default();
                    self.querier(method, codec, &body, pause).await
                }
                Err(response) => Ok(response),
            },
        };
        (route, answer)
    }

    async fn querier(&self, method: &str, codec: Codec, body: &[u8], pause: &impl YieldNow) -> Result<Response, Fault> {
        let db = &self.db;
        // The last field that is known of what is asked.
        let last = match method {
            "SelectMergeStacktraces" | "Diff" => Some(8),
            "SelectMergeProfile" => Some(7),
            "SelectSeries" => Some(10),
            _ => None,
        };
        let unanswered = last.and_then(|last| match codec {
            Codec::Json => unanswered::in_json(body),
            Codec::Protobuf => unanswered::in_protobuf(body, method == "Diff", last),
        });
        if let Some(what) = unanswered {
            let message = format!("{what} of {method} is not answered: the answer would be of more than was asked for");
            return Err(Fault::new(Code::Unimplemented, message));
        }
        match method {
            "ProfileTypes" => codec.write(&query::profile_types(db, &codec.read(body)?, pause).await?),
            "LabelNames" => codec.write(&query::label_names(db, &codec.read(body)?, pause).await?),
            "LabelValues" => codec.write(&query::label_values(db, &codec.read(body)?, pause).await?),
            "Series" => codec.write(&query::label_sets(db, &codec.read(body)?, pause).await?),
            "SelectMergeStacktraces" => codec.write(&query::merge_stacktraces(db, &codec.read(body)?, pause).await?),
            "SelectMergeProfile" => codec.write(&query::merge_profile(db, &codec.read(body)?, pause).await?),
            "SelectSeries" => codec.write(&query::select_series(db, &codec.read(body)?, pause).await?),
            "Diff" => codec.write(&query::diff(db, &codec.read(body)?, pause).await?),
            "GetProfileStats" => codec.write(&query::stats(db, pause).await?),
            other => Err(Fault::new(Code::Unimplemented, format!("the method {other:?} is not answered"))),
        }
    }

    async fn ingest(&self, request: &Request, body: &[u8], now: i64) -> Result<Response, Fault> {
        let pushed = ingest::ingest(request, body, now)?;
        self.keep(&[pushed], now).await?;
        Ok(Response::new(200, "", ""))
    }

    async fn push(&self, codec: Codec, body: &[u8], now: i64) -> Result<Response, Fault> {
        let pushed = ingest::push(codec.read(body)?, now)?;
        self.keep(&pushed, now).await?;
        codec.write(&PushResponse {})
    }

    async fn otlp(&self, request: &Request, body: &[u8], now: i64) -> Result<Response, Fault> {
        let pushed = ingest::otlp(body, now)?;
        self.keep(&pushed, now).await?;
        let is_json = request.media_type() == "application/json";
        Ok(if is_json { Response::json("{}") } else { Response::new(200, "application/x-protobuf", "") })
    }

    async fn keep(&self, pushed: &[Pushed], now: i64) -> Result<(), Fault> {
        let profiles = ingest::store(&self.db, pushed, now).await?;
        let dropped = if self.is_bounded { u64::from(self.db.retain(now).await?.profiles) } else { 0 };
        let mut counters = self.counters.borrow_mut();
        pushed.iter().for_each(|pushed| counters.received(pushed.bytes as u64));
        counters.stored_profiles += profiles;
        counters.dropped_profiles += dropped;
        Ok(())
    }

    fn metrics(&self) -> Response {
        let status = self.db.status();
        let text = self.counters.borrow().text(status.stored_bytes, status.blocks);
        Response::new(200, "text/plain; version=0.0.4; charset=utf-8", text)
    }
}
